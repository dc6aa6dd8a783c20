//! The tags of a part of a workbook, one after another, to change some and leave every other byte as it is.

use std::ops::Range;

/// A tag, from its sign `<` to behind its `>`.
#[derive(Debug, Clone)]
pub(super) struct Tag<'a> {
    /// Where it begins.
    pub(super) start: usize,
    /// Where it has ended.
    pub(super) end: usize,
    /// What stands between the signs.
    text: &'a str,
}

/// The tags of a text; comments and the like are passed over.
pub(super) struct Tags<'a> {
    xml: &'a str,
    at: usize,
}

/// The tags of a text.
pub(super) fn tags(xml: &str) -> Tags<'_> {
    Tags { xml, at: 0 }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let start = self.at + self.xml.get(self.at..)?.find('<')?;
            let rest = self.xml.get(start..)?;
            let passed = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")];
            if let Some((_, end)) = passed.into_iter().find(|(begin, _)| rest.starts_with(begin)) {
                self.at = start + rest.find(end)? + end.len();
                continue;
            }
            let mut quote = None;
            let closes = |(_, c): &(usize, char)| match (quote, *c) {
                (None, '>') => true,
                (None, '"' | '\'') => {
                    quote = Some(*c);
                    false
                }
                (Some(open), c) if open == c => {
                    quote = None;
                    false
                }
                _ => false,
            };
            let (length, _) = rest.char_indices().find(closes)?;
            self.at = start + length + 1;
            return Some(Tag { start, end: self.at, text: rest.get(1..length)? });
        }
    }
}

impl<'a> Tag<'a> {
    /// Whether it ends an element.
    pub(super) fn is_end(&self) -> bool {
        self.text.starts_with('/')
    }

    /// Whether it is a whole element by itself.
    pub(super) fn is_whole(&self) -> bool {
        self.text.ends_with('/')
    }

    /// Its name, with a prefix if it has one.
    pub(super) fn name(&self) -> &'a str {
        let text = self.text.trim_start_matches('/');
        text.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default()
    }

    /// Its name without a prefix.
    pub(super) fn local(&self) -> &'a str {
        self.name().rsplit(':').next().unwrap_or_default()
    }

    /// What stands before its own name: `x:` or nothing.
    pub(super) fn prefix(&self) -> &'a str {
        let name = self.name();
        name.get(..name.len() - self.local().len()).unwrap_or_default()
    }

    /// Whether an element of this name begins.
    pub(super) fn begins(&self, name: &str) -> bool {
        !self.is_end() && self.local() == name
    }

    /// Whether an element of this name ends.
    pub(super) fn ends(&self, name: &str) -> bool {
        self.is_end() && self.local() == name
    }

    /// The attributes: name with prefix, the range of the whole within the text, and the value as it is written.
    fn attributes(&self) -> Vec<(&'a str, Range<usize>, &'a str)> {
        let mut found = Vec::new();
        let mut at = self.name().len();
        while let Some((name, range, value)) = self.attribute_at(at) {
            at = range.end;
            found.push((name, range, value));
        }
        found
    }

    fn attribute_at(&self, at: usize) -> Option<(&'a str, Range<usize>, &'a str)> {
        let rest = self.text.get(at..)?;
        let start = at + rest.find(|c: char| !c.is_whitespace())?;
        let (name, behind) = self.text.get(start..)?.split_once('=')?;
        let opened = behind.find(['"', '\''])?;
        let quote = behind.get(opened..)?.chars().next()?;
        let inner = behind.get(opened + 1..)?;
        let value = inner.get(..inner.find(quote)?)?;
        let end = start + name.len() + 1 + opened + 1 + value.len() + 1;
        Some((name.trim(), start..end, value))
    }

    /// An attribute's value as it is written; its name is compared without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        let local = |full: &str| full.rsplit(':').next() == Some(name);
        self.attributes().into_iter().find(|(full, ..)| local(full)).map(|(.., value)| value)
    }

    /// The tag without an attribute.
    pub(super) fn without(&self, name: &str) -> String {
        self.rewritten(name, "")
    }

    /// The tag with an attribute of this value. The value needs no escapes.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        self.rewritten(name, &format!(" {name}=\"{value}\""))
    }

    fn rewritten(&self, name: &str, put: &str) -> String {
        let held = self.attributes().into_iter().find(|(full, ..)| *full == name);
        let (before, behind) = match held {
            Some((_, range, _)) => (self.text.get(..range.start), self.text.get(range.end..)),
            None => (self.text.get(..self.name().len()), self.text.get(self.name().len()..)),
        };
        format!("<{}{put}{}>", before.unwrap_or_default().trim_end(), behind.unwrap_or_default())
    }
}

/// A text as it may stand in a part. Signs that cannot are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => all.push_str("&amp;"),
            '<' => all.push_str("&lt;"),
            '>' => all.push_str("&gt;"),
            '"' => all.push_str("&quot;"),
            '\n' | '\t' => all.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => all.push(c),
        }
    }
    all
}

/// A value as it is meant.
pub(super) fn unescaped(value: &str) -> String {
    let mut all = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('&') {
        all.push_str(before);
        let Some((name, after)) = behind.split_once(';') else {
            all.push('&');
            rest = behind;
            continue;
        };
        if let Some(c) = named(name) {
            all.push(c);
        } else {
            all.push('&');
            all.push_str(name);
            all.push(';');
        }
        rest = after;
    }
    all.push_str(rest);
    all
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code =
                number.strip_prefix('x').map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            char::from_u32(code?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tags are found whatever stands in quotes and in comments, and are changed in one attribute only.
    #[test]
    fn found_and_changed() {
        let xml =
            "<?xml version='1.0'?><!-- <c/> --><x:row r=\"2\" a='>' ><x:c  r='B2' s=\"3\"/><![CDATA[<c>]]></x:row>";
        let all: Vec<Tag<'_>> = tags(xml).collect();
        let names: Vec<(&str, &str, bool)> = all.iter().map(|it| (it.prefix(), it.local(), it.is_end())).collect();
        assert_eq!(names, [("x:", "row", false), ("x:", "c", false), ("x:", "row", true)]);
        let cell = &all[1];
        assert_eq!((cell.attribute("r"), cell.attribute("s"), cell.attribute("t")), (Some("B2"), Some("3"), None));
        assert!(cell.is_whole() && !all[0].is_whole() && all[2].ends("row"));
        assert_eq!(cell.with("s", "9"), "<x:c  r='B2' s=\"9\"/>");
        assert_eq!(cell.with("t", "n"), "<x:c t=\"n\"  r='B2' s=\"3\"/>");
        assert_eq!(all[0].without("r"), "<x:row a='>' >");
        assert_eq!(&xml[cell.start..cell.end], "<x:c  r='B2' s=\"3\"/>");
    }

    /// What is cut off ends, and ends nothing else.
    #[test]
    fn cut_off() {
        for xml in ["", "<", "<c", "<c r=\"1", "<!-- ", "<?x", "a>b", "<c r=>", "<c r=\">"] {
            for tag in tags(xml) {
                let _ = (tag.attribute("r"), tag.with("s", "1"), tag.without("r"), tag.name());
            }
        }
        assert_eq!(tags("<c").count(), 0);
    }

    /// Signs are written so that they are read as they were; what no part can hold is left out.
    #[test]
    fn signs() {
        assert_eq!(escaped("a<b>&\"c\u{1}\n"), "a&lt;b&gt;&amp;&quot;c\n");
        assert_eq!(unescaped("&lt;&#20013;&#x4e2d;&amp;&nbsp;& x"), "<中中&&nbsp;& x");
    }
}
