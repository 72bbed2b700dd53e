//! Phone numbers of subscribers: Vietnamese mobiles, kept as E.164 and shown to nobody.

use std::fmt;

use serde::Deserialize;

/// Digits of a mobile number behind the country code.
const DIGITS: usize = 9;

/// A Vietnamese mobile number, `+84` and nine digits. It has no `Display`, its `Debug` is blank and
/// it cannot be serialised, so that none gets into a log, an error or a document.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Phone(String);

/// A text that is no Vietnamese mobile number; what was given is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a Vietnamese mobile number (allowed: 0912345678, 84912345678, +84 912 345 678)")]
pub struct NotAPhone;

/// How a gateway wants a number written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneForm {
    /// `+84912345678`.
    Plus,
    /// `84912345678`, as Zalo and most Vietnamese gateways want it.
    Country,
    /// `0912345678`.
    National,
}

impl Phone {
    /// Returns the number as text, to be sent and nothing else.
    #[must_use]
    pub fn expose(&self, form: PhoneForm) -> String {
        let Self(digits) = self;
        match form {
            PhoneForm::Plus => format!("+84{digits}"),
            PhoneForm::Country => format!("84{digits}"),
            PhoneForm::National => format!("0{digits}"),
        }
    }

    /// Returns a text of somebody else's with every writing of the number taken out of it.
    #[must_use]
    pub fn blot(&self, text: &str) -> String {
        if digits_of(text).contains(&self.0) {
            // However it is parted: no digit of such a text is worth a leak.
            return text.chars().map(|c| if c.is_ascii_digit() { '*' } else { c }).collect();
        }
        text.to_owned()
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

impl std::str::FromStr for Phone {
    type Err = NotAPhone;

    /// Reads a number with or without country code; blanks, dots, hyphens and brackets are left out.
    fn from_str(text: &str) -> Result<Self, NotAPhone> {
        let text = text.trim();
        let parting = |c: char| c.is_ascii_digit() || " .-()+".contains(c);
        if !text.chars().all(parting) || text.rfind('+').is_some_and(|at| at > 0) {
            return Err(NotAPhone);
        }
        let all = digits_of(text);
        let national = if text.starts_with('+') {
            all.strip_prefix("84")
        } else {
            let country = all.strip_prefix("0084");
            let country = country.or_else(|| all.strip_prefix("84").filter(|d| d.len() == DIGITS));
            country.or_else(|| all.strip_prefix('0'))
        };
        // Mobile prefixes since 2018: 03, 05, 07, 08, 09 (Ministry of Information, plan of numbers).
        match national {
            Some(digits)
                if digits.len() == DIGITS && digits.starts_with(['3', '5', '7', '8', '9']) =>
            {
                Ok(Self(digits.to_owned()))
            }
            _ => Err(NotAPhone),
        }
    }
}

impl TryFrom<String> for Phone {
    type Error = NotAPhone;

    fn try_from(text: String) -> Result<Self, NotAPhone> {
        text.parse()
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_mobile_number_is_one_number() {
        let ways =
            ["0912345678", "84912345678", "+84912345678", " +84 (912) 345-678", "0084.912.345.678"];
        for way in ways {
            let phone: Phone = way.parse().unwrap();
            assert_eq!(phone.expose(PhoneForm::Plus), "+84912345678", "{way}");
        }
        let phone: Phone = "0845678901".parse().unwrap();
        assert_eq!(phone.expose(PhoneForm::National), "0845678901", "084 is also a mobile prefix");
    }

    #[test]
    fn what_is_no_mobile_number_is_refused_without_being_repeated() {
        let bad = [
            "",
            "0212345678",
            "098765432",
            "09876543210",
            "+85512345678",
            "09a2345678",
            "0+912345678",
        ];
        for given in bad {
            let error = given.parse::<Phone>().unwrap_err();
            assert!(given.is_empty() || !error.to_string().contains(given), "{given}");
        }
    }

    #[test]
    fn a_number_shows_nowhere() {
        let phone: Phone = "0912345678".parse().unwrap();
        assert!(!format!("{phone:?}").contains("912"));
        assert_eq!(phone.blot("no route to +84 912-345-678"), "no route to +** ***-***-***");
        assert_eq!(phone.blot("id 77"), "id 77");
    }
}
