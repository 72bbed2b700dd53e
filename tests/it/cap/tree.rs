//! A document as a parser sees it: elements in order, texts unescaped.

use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::Event;

/// An element.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Node {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
    pub text: String,
}

impl Node {
    /// Returns the first child of this name.
    pub fn child(&self, name: &str) -> &Node {
        let found = self.children.iter().find(|child| child.name == name);
        found.unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }

    /// Returns the children of this name.
    pub fn all(&self, name: &str) -> Vec<&Node> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    /// Returns the text of a child.
    pub fn of(&self, name: &str) -> &str {
        &self.child(name).text
    }

    /// Returns the names of the children, in order.
    pub fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| &*child.name).collect()
    }

    /// Returns an attribute.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(k, _)| k == key).map(|(_, value)| &**value)
    }
}

/// Returns the root of a document; panics where it is not well formed.
pub fn parse(document: &str) -> Node {
    let mut reader = Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(node(&start)),
            Event::Empty(start) => {
                let node = node(&start);
                open.last_mut().unwrap().children.push(node);
            }
            Event::End(_) => {
                let node = open.pop().unwrap();
                open.last_mut().unwrap().children.push(node);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => {
                let name = &*entity;
                let resolved = resolve_xml_entity(name).unwrap_or_else(|| panic!("&{name};"));
                open.last_mut().unwrap().text.push_str(resolved);
            }
            Event::Decl(_) => assert_eq!(open.len(), 1),
            Event::Eof => break,
            other => panic!("nothing else is written: {other:?}"),
        }
    }
    assert_eq!(open.len(), 1, "an element is not closed");
    let mut root = open.pop().unwrap();
    assert_eq!(root.children.len(), 1, "one root");
    root.children.pop().unwrap()
}

fn node(start: &quick_xml::events::BytesStart<'_>) -> Node {
    let attribute = |a: quick_xml::events::attributes::Attribute<'_>| {
        (a.key.as_ref().to_owned(), unescape(&a.value).unwrap().into_owned())
    };
    Node {
        name: start.name().as_ref().to_owned(),
        attributes: start.attributes().map(|a| attribute(a.unwrap())).collect(),
        ..Node::default()
    }
}
