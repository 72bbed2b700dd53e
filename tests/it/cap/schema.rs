//! The schema of the standard itself, by libxml2. Skipped, and said so, without schema or libxml2.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use muavu::publish::cap::{Category, Certainty, MsgType, ResponseType, Severity, Status, Urgency};

use super::{hostile, sample};

const XSD: &str = "knowledge/interfaces/samples/cap/CAP-v1.2.xsd";

/// Python that validates its standard input.
const VALIDATE: &str = "\
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
schema.assertValid(etree.fromstring(sys.stdin.buffer.read()))";

fn skipped(why: &str) {
    eprintln!("SKIPPED the schema of CAP: {why}");
    if let Some(log) = std::env::var_os("MUAVU_SKIP_LOG") {
        let line = format!("cap::schema: {why}\n");
        let log = fs::OpenOptions::new().append(true).create(true).open(log);
        log.and_then(|mut file| file.write_all(line.as_bytes())).unwrap();
    }
}

/// Returns the schema, in the folder that `MUAVU_SHARED` names or else beside the project.
fn xsd() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("MUAVU_SHARED").map_or_else(beside, PathBuf::from);
    let path = shared.join(XSD);
    if !path.exists() {
        skipped(&format!("no {} (MUAVU_SHARED names its folder)", path.display()));
        return None;
    }
    Some(path)
}

/// A way to call libxml2: `xmllint`, or a Python with lxml (`MUAVU_TEST_PYTHON` or `python3`).
#[derive(Debug, Clone)]
enum Validator {
    Xmllint,
    Python(PathBuf),
}

impl Validator {
    fn found() -> Option<Self> {
        let runs = |mut command: Command| {
            command.stderr(Stdio::null()).output().is_ok_and(|out| out.status.success())
        };
        let with = |program: &Path, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        };
        if runs(with(Path::new("xmllint"), &["--version"])) {
            return Some(Self::Xmllint);
        }
        let named = std::env::var_os("MUAVU_TEST_PYTHON").map(PathBuf::from);
        let found = named.into_iter().chain([PathBuf::from("python3")]);
        let found = found.into_iter().find(|p| runs(with(p, &["-c", "import lxml.etree"])));
        if found.is_none() {
            skipped("neither xmllint nor a Python with lxml (MUAVU_TEST_PYTHON) is here");
        }
        found.map(Self::Python)
    }

    /// Returns what the schema objects to.
    fn validate(&self, xsd: &Path, document: &str) -> Result<(), String> {
        let mut command = match self {
            Self::Xmllint => Command::new("xmllint"),
            Self::Python(python) => Command::new(python),
        };
        match self {
            Self::Xmllint => command.args(["--noout", "--schema"]).arg(xsd).arg("-"),
            Self::Python(_) => command.args(["-c", VALIDATE]).arg(xsd),
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        if out.status.success() { Ok(()) } else { Err(said) }
    }
}

/// Returns what the schema objects to in a document; nothing, and says so, without schema or libxml2.
pub fn objections(document: &str) -> Option<String> {
    let (xsd, validator) = (xsd()?, Validator::found()?);
    validator.validate(&xsd, document).err()
}

#[test]
fn alert_update_and_cancel_are_valid() {
    let (Some(xsd), Some(validator)) = (xsd(), Validator::found()) else { return };
    for alert in [sample::alert(), sample::update(), sample::cancel()] {
        let document = alert.check().unwrap().to_xml();
        assert_eq!(validator.validate(&xsd, &document), Ok(()), "{document}");
    }
}

#[test]
fn hostile_texts_leave_a_document_valid() {
    let (Some(xsd), Some(validator)) = (xsd(), Validator::found()) else { return };
    for text in hostile::TEXTS {
        let document = hostile::with(text).check().unwrap().to_xml();
        assert_eq!(validator.validate(&xsd, &document), Ok(()), "{document}");
    }
}

#[test]
fn the_schema_would_have_objected() {
    let (Some(xsd), Some(validator)) = (xsd(), Validator::found()) else { return };
    let document = sample::alert().check().unwrap().to_xml();
    for (good, bad) in [
        ("07:05:00+07:00</sent>", "00:05:00Z</sent>"),
        ("<msgType>Alert</msgType>\n  <scope>Restricted</scope>", "<scope>Restricted</scope>"),
        ("<urgency>Future</urgency>", "<urgency>Tomorrow</urgency>"),
        ("&amp;", "&"),
    ] {
        assert!(document.contains(good), "{good} in {document}");
        assert!(validator.validate(&xsd, &document.replacen(good, bad, 1)).is_err(), "{bad}");
    }
}

fn names<T: ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(T::to_string).collect()
}

#[test]
fn every_code_is_one_of_the_schema() {
    let Some(xsd) = xsd() else { return };
    let schema = fs::read_to_string(xsd).unwrap();
    let within = |element: &str| {
        let from = schema.split(&format!("name=\"{element}\"")).nth(1).expect("an element");
        from.split("</restriction>").next().unwrap().to_owned()
    };
    for (element, codes) in [
        ("status", names(Status::ALL)),
        ("msgType", names(MsgType::ALL)),
        ("category", names(Category::ALL)),
        ("responseType", names(ResponseType::ALL)),
        ("urgency", names(Urgency::ALL)),
        ("severity", names(Severity::ALL)),
        ("certainty", names(Certainty::ALL)),
    ] {
        let allowed = within(element);
        for code in codes {
            assert!(allowed.contains(&format!("enumeration value=\"{code}\"")), "{element} {code}");
        }
    }
}
