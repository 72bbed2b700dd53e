//! XML that stays well formed whatever text goes into it; CAP and Atom are written with it.

use std::borrow::Cow;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// An XML document under way: UTF-8, indented by two spaces, every text cleaned and escaped.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// Begins a document with its declaration.
    pub fn new() -> Self {
        let mut xml = Self(Writer::new_with_indent(Vec::new(), b' ', 2));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    /// Writes an element that holds what `inner` writes.
    pub fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inner: impl FnOnce(&mut Self),
    ) {
        self.event(Event::Start(start(name, attributes)));
        inner(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// Writes an element that holds nothing.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Empty(start(name, attributes)));
    }

    /// Writes an element that holds a text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.element(name, &[], |xml| xml.event(Event::Text(BytesText::new(&clean(text)))));
    }

    /// Writes an element if there is a text for it: CAP and Atom leave out what is empty.
    pub fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text
            && !is_blank(text)
        {
            self.text(name, text);
        }
    }

    /// Returns the document.
    pub fn finish(self) -> String {
        // Only `str`s went in, so nothing is lost here.
        String::from_utf8_lossy(&self.0.into_inner()).into_owned() + "\n"
    }

    fn event(&mut self, event: Event<'_>) {
        // Writing to a Vec cannot fail.
        let _ = self.0.write_event(event);
    }
}

fn start<'a>(name: &'a str, attributes: &[(&'a str, &'a str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, &*clean(value)));
    }
    start
}

/// Returns whether XML 1.0 allows a character and does not advise against it (production \[2\] and
/// its note). The C1 controls, legal but advised against, steer terminals: they go too.
pub fn allowed(c: char) -> bool {
    match c {
        '\t' | '\n' => true,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fdd0}'..='\u{fdef}' => false,
        // The last two of every plane are no characters.
        _ => u32::from(c) & 0xfffe != 0xfffe,
    }
}

/// Returns the text as a reader of the document will have it: line ends as LF, without characters
/// that are not [`allowed`], without blanks at its ends.
pub fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.chars().all(allowed) {
        return Cow::Borrowed(text);
    }
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix.chars().filter(|c| allowed(*c)).collect();
    Cow::Owned(kept.trim().to_owned())
}

/// Returns whether nothing of a text would be left to read.
pub fn is_blank(text: &str) -> bool {
    clean(text).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_and_attributes_is_escaped() {
        let mut xml = Xml::new();
        xml.element("a", &[("b", "\"<&>'")], |xml| xml.text("c", "1 < 2 & ]]> \"x\" 'y'"));
        assert_eq!(
            xml.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"&quot;&lt;&amp;&gt;&apos;\">\n  \
             <c>1 &lt; 2 &amp; ]]&gt; &quot;x&quot; &apos;y&apos;</c>\n</a>\n"
        );
    }

    #[test]
    fn characters_that_xml_forbids_or_advises_against_are_left_out() {
        assert_eq!(clean("\u{0}độ\u{1b} mặn\u{9b}\u{ffff}\u{fffe} 4 ‰\u{7}"), "độ mặn 4 ‰");
        assert_eq!(clean("một\r\nhai\rba\tbốn"), "một\nhai\nba\tbốn");
        assert_eq!(clean("😀\u{1ffff}\u{fdd0}"), "😀");
        assert!(is_blank("\u{0} \u{8}\r\n"));
    }

    #[test]
    fn what_is_empty_is_not_written() {
        let mut xml = Xml::new();
        xml.element("a", &[], |xml| {
            xml.optional("b", None);
            xml.optional("b", Some(" \u{1}"));
            xml.optional("c", Some("x"));
            xml.empty("d", &[("e", "f")]);
        });
        assert!(xml.finish().ends_with("<a>\n  <c>x</c>\n  <d e=\"f\"/>\n</a>\n"));
    }
}
