//! Suites as XML.
//!
//! Valid by the schema of Jenkins' xUnit plugin (`junit-10.xsd`) and by that of Apache Ant's JUnit task, which asks for
//! more: both are what CI systems read. So every attribute that one of them requires is there, and none that one of them
//! does not know.

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event as XmlEvent},
};

use super::{Case, CaseOutcome, Suite};
use crate::text;

/// The document of some suites.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn junit_xml(suites: &[Suite]) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(XmlEvent::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .write_inner_content(|writer| {
            suites
                .iter()
                .enumerate()
                .try_for_each(|(id, suite)| write_suite(writer, id, suite))
        })?;
    let mut document = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    document.push('\n');
    Ok(document)
}

type Xml = Writer<Vec<u8>>;

fn write_suite(writer: &mut Xml, id: usize, suite: &Suite) -> io::Result<()> {
    let count = |of: fn(&CaseOutcome) -> bool| suite.cases.iter().filter(|case| of(&case.verdict)).count();
    let mut attributes = vec![
        ("name", attribute(&suite.name)),
        ("package", "taskstorm".to_owned()),
        ("id", id.to_string()),
        ("tests", suite.cases.len().to_string()),
        (
            "failures",
            count(|verdict| matches!(verdict, CaseOutcome::Failed { .. })).to_string(),
        ),
        (
            "errors",
            count(|verdict| matches!(verdict, CaseOutcome::Error { .. })).to_string(),
        ),
        ("time", format!("{:.3}", suite.took.as_secs_f64())),
        ("timestamp", suite.began.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        ("hostname", "localhost".to_owned()),
    ];
    let skipped = count(|verdict| matches!(verdict, CaseOutcome::Skipped { .. }));
    if skipped > 0 {
        attributes.push(("skipped", skipped.to_string()));
    }
    writer
        .create_element("testsuite")
        .with_attributes(pairs(&attributes))
        .write_inner_content(|writer| {
            writer
                .create_element("properties")
                .write_inner_content(|writer| {
                    suite.properties.iter().try_for_each(|(name, value)| {
                        let attributes = [("name", attribute(name)), ("value", attribute(value))];
                        let element = writer.create_element("property");
                        element.with_attributes(pairs(&attributes)).write_empty()?;
                        Ok(())
                    })
                })?;
            suite.cases.iter().try_for_each(|case| write_case(writer, case))?;
            for output in ["system-out", "system-err"] {
                writer.create_element(output).write_empty()?;
            }
            Ok(())
        })?;
    Ok(())
}

fn write_case(writer: &mut Xml, case: &Case) -> io::Result<()> {
    let attributes = [
        ("name", attribute(&case.name)),
        ("classname", attribute(&case.class)),
        ("time", "0.000".to_owned()),
    ];
    let element = writer
        .create_element("testcase")
        .with_attributes(pairs(&attributes));
    let (name, kind, message, details) = match &case.verdict {
        CaseOutcome::Passed => {
            element.write_empty()?;
            return Ok(());
        }
        CaseOutcome::Skipped { message } => {
            return element
                .write_inner_content(|writer| {
                    let element = writer.create_element("skipped");
                    element
                        .with_attribute(("message", attribute(message).as_str()))
                        .write_empty()?;
                    Ok(())
                })
                .map(drop);
        }
        CaseOutcome::Failed {
            kind,
            message,
            details,
        } => ("failure", kind, message, details.as_str()),
        CaseOutcome::Error { kind, message } => ("error", kind, message, ""),
    };
    element.write_inner_content(|writer| {
        let attributes = [("message", attribute(message)), ("type", (*kind).to_owned())];
        let element = writer.create_element(name).with_attributes(pairs(&attributes));
        element.write_text_content(BytesText::new(&text::block(details)))?;
        Ok(())
    })?;
    Ok(())
}

fn pairs<'a>(attributes: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    attributes.iter().map(|(name, value)| (*name, value.as_str()))
}

/// Text from outside as an attribute. XML 1.0 cannot hold most of the characters that are replaced, even escaped.
fn attribute(text: &str) -> String {
    text::line(text).into_owned()
}
