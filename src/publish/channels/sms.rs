//! SMS over a provider's HTTP gateway.

use futures::future::BoxFuture;
use unicode_normalization::UnicodeNormalization as _;

use super::gateway::Client;
use super::settings::Sms;
use super::wording::{self, Need};
use super::{Address, Audience, Channel, ChannelError, Notice, Outcome, Parcel};
use crate::domain::Severity;
use crate::domain::geography::Commune;
use crate::publish::sms::{Encoding, fit};
use crate::storage::outbox::Turn;

/// The channel's name in the outbox.
pub const NAME: &str = "sms";

/// What people may answer, in letters every phone has. "Dung" is right; stopping is never called so.
const ANSWERS: &str = "Trả lời: 1 hiểu, 2 đã làm, 3 đúng, 4 sai, HUY thôi nhận";

/// A way to say no that is lost without marks, and one that is not.
const NOS: [(&str, &str); 3] = [("đừng", "không"), ("Đừng", "Không"), ("ĐỪNG", "KHÔNG")];

/// SMS.
#[derive(Debug)]
pub struct SmsChannel {
    settings: Sms,
    client: Client,
}

impl SmsChannel {
    /// Returns the channel, or nothing when the settings name no gateway.
    #[must_use]
    pub fn of(settings: &Sms) -> Option<Self> {
        let client = Client::of(&settings.gateway)?;
        Some(Self { settings: settings.clone(), client })
    }
}

/// Returns the text of a notice; empty when no word fits.
pub(super) fn text(notice: &Notice<'_>, settings: &Sms) -> String {
    let ranked = wording::lines(notice);
    let answered = !settings.inbound.token.expose().is_empty() && notice.turn != Turn::Withdrawn;
    // Where nothing is said of taking water, the week's work is what is to be done.
    let acts = ranked.iter().any(|(need, _)| *need == Need::Action);
    let last = if acts { Need::Action } else { Need::Work };
    let (needed, rest): (Vec<_>, Vec<_>) =
        ranked.iter().filter(|(need, _)| *need < Need::Care).partition(|(need, _)| *need <= last);
    let needed = needed.into_iter().map(|(_, line)| line.as_str());
    let footer = answered.then_some(ANSWERS);
    let lines = needed.chain(footer).chain(rest.into_iter().map(|(_, line)| line.as_str()));
    let lines: Vec<String> = lines.map(|line| plain_no(line, settings.encoding)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let fitted = fit(&lines, settings.parts_max, settings.encoding);
    let marks = ranked.iter().filter(|(need, _)| *need == Need::Mark).count();
    if fitted.whole_lines > marks || lines.len() <= marks {
        return fitted.text;
    }
    // A mark alone says nothing: what it marks is cut, not left out.
    let beginning = lines[..=marks].join("\n");
    fit(&[&beginning], settings.parts_max, settings.encoding).text
}

/// Says no by *không* where marks are lost: without them *đừng* (do not) reads like *dùng* (use) and
/// *đúng* (right), and "dung cho nuoc man vao ruong" may be read as the opposite of what it says.
fn plain_no(line: &str, encoding: Encoding) -> String {
    if encoding == Encoding::Ucs2 {
        return line.to_owned();
    }
    let line: String = line.nfc().collect();
    NOS.iter().fold(line, |line, (no, plain)| line.replace(no, plain))
}

impl Channel for SmsChannel {
    fn name(&self) -> &str {
        NAME
    }

    fn audience(&self) -> Audience {
        Audience::Phones
    }

    fn severity_min(&self) -> Severity {
        self.settings.severity_min
    }

    fn honours_key(&self) -> bool {
        self.settings.gateway.honours_key
    }

    fn at_once(&self) -> usize {
        8
    }

    fn render(
        &self,
        notice: &Notice<'_>,
        _communes: &[&Commune],
        _before: Option<&str>,
    ) -> Result<Option<String>, ChannelError> {
        let text = text(notice, &self.settings);
        if text.is_empty() { Err(ChannelError::Empty { channel: NAME }) } else { Ok(Some(text)) }
    }

    fn send<'a>(&'a self, parcel: Parcel<'a>) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Address::Phone(phone) = &parcel.to else {
                return Outcome::Refused("no phone number".into());
            };
            self.client.send(phone, parcel.body, parcel.key).await
        })
    }
}
