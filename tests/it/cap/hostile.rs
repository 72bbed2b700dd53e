//! Texts written to break a document come out as texts, or not at all.

use muavu::publish::cap::{Alert, Checked, Identifier};
use proptest::prelude::*;

use super::sample;
use super::tree::parse;

/// Texts that have broken somebody's XML.
pub const TEXTS: [&str; 10] = [
    "</headline><status>Actual</status>",
    "<![CDATA[ x ]]> ]]>",
    "&amp; &lt; &#0; &#x1B; &nbsp; &",
    "<!-- --> <?php ?> <!DOCTYPE alert [<!ENTITY a \"b\">]>",
    "\u{0}\u{1}\u{8}\u{b}\u{c}\u{e}\u{1f}x\u{7f}\u{85}\u{9f}",
    "\u{fffe}\u{ffff}\u{fdd0}\u{1fffe}\u{10ffff}y",
    "\"'>< \" onload='x' =\"",
    "dòng 1\r\ndòng 2\rdòng 3\n\tdòng 4",
    "đ\u{301}ô\u{323}\u{300} 😀 \u{202e}nặm\u{202c} \u{feff}",
    "   \u{a0}nước mặn\u{3000}  ",
];

/// Returns the sample with a text in every place that takes one.
pub fn with(text: &str) -> Alert {
    let mut alert = sample::alert();
    alert.note = Some(text.into());
    alert.codes = vec![text.into()];
    alert.incidents = vec![text.replace('"', "")];
    for info in &mut alert.infos {
        info.event = text.into();
        info.headline = text.into();
        for field in [
            &mut info.audience,
            &mut info.sender_name,
            &mut info.description,
            &mut info.instruction,
            &mut info.contact,
        ] {
            *field = Some(text.into());
        }
        for value in info.parameters.iter_mut().chain(&mut info.event_codes) {
            value.value = text.into();
            value.value_name = text.into();
        }
        info.areas[0].area_desc = text.into();
    }
    alert
}

/// Says what a reader must find: XML 1.0's characters (production [2]) less those it advises
/// against, one kind of line end, no blanks at the ends.
fn expected(text: &str) -> String {
    let kept = |c: &char| {
        let c = u32::from(*c);
        let legal = matches!(c, 0x9 | 0xa | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x1_0000..=0x10_ffff);
        let discouraged = matches!(c, 0x7f..=0x9f | 0xfdd0..=0xfdef) || c % 0x1_0000 >= 0xfffe;
        legal && !discouraged
    };
    let lines = text.trim().replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(kept).collect::<String>().trim().to_owned()
}

fn is_read_as_written(checked: &Checked, text: &str) {
    let document = checked.to_xml();
    let root = parse(&document);
    let expected = expected(text);
    assert_eq!(root.of("status"), "Exercise", "{document}");
    assert_eq!((root.of("note"), root.of("code")), (&*expected, &*expected));
    let plain = parse(&sample::alert().check().unwrap().to_xml());
    assert_eq!(root.names(), plain.names());
    let infos = root.all("info");
    for info in infos {
        for name in
            ["event", "audience", "senderName", "headline", "description", "instruction", "contact"]
        {
            assert_eq!(info.of(name), expected, "{name}");
        }
        assert_eq!(info.child("parameter").of("value"), expected);
        assert_eq!(info.child("area").of("areaDesc"), expected);
        assert_eq!(info.names(), plain.child("info").names(), "no element more or less");
    }
}

#[test]
fn texts_that_break_xml_are_read_as_they_were_written() {
    for text in TEXTS {
        is_read_as_written(&with(text).check().unwrap(), text);
    }
}

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        (0_u32..0xa0).prop_map(|c| char::from_u32(c).map_or(String::new(), String::from)),
        Just("]]>".to_owned()),
        Just("<!--".to_owned()),
        Just("&#xD;".to_owned()),
        Just("\r\n".to_owned()),
        Just("độ mặn".to_owned()),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_text_is_read_as_written_or_refused_as_empty(text in nasty()) {
        match with(&text).check() {
            Ok(checked) => is_read_as_written(&checked, &text),
            Err(errors) => {
                let no_name = text.replace('"', "");
                let empty = expected(&text).is_empty() || expected(&no_name).is_empty();
                prop_assert!(empty, "{errors}");
            }
        }
    }

    #[test]
    fn every_accepted_name_keeps_a_reference_in_three_parts(text in nasty()) {
        if let Ok(identifier) = text.parse::<Identifier>() {
            let mut alert = sample::alert();
            alert.envelope.identifier = identifier;
            let reference = alert.reference();
            let written = reference.to_string();
            prop_assert_eq!(written.split(',').count(), 3);
            prop_assert_eq!(written.split_whitespace().count(), 1);
            prop_assert_eq!(written.parse(), Ok(reference));
            let root = parse(&alert.check().unwrap().to_xml());
            prop_assert_eq!(root.of("identifier"), text);
        }
    }
}
