//! A page as a browser without a script sees it: what its form would send, and what it says about places.

use std::collections::BTreeSet;

/// What the form to be filled in would send as it stands.
pub(super) fn fields(page: &str) -> Vec<(String, String)> {
    let form = between(page, "<form id=\"fill\"", "</form>").expect("the form");
    let mut sent = Vec::new();
    // What a script makes new rows of is never sent.
    for part in form.split("<template").enumerate().map(|(at, part)| match at {
        0 => part,
        _ => part.split_once("</template>").expect("it ends").1,
    }) {
        for (at, _) in part.match_indices('<') {
            let rest = part.get(at + 1..).unwrap_or_default();
            let tag = rest.split('>').next().unwrap_or_default();
            let Some(name) = attribute(tag, "name") else { continue };
            let value = if tag.starts_with("textarea") {
                let text = between(rest, ">", "</textarea>").expect("it ends");
                Some(unescaped(text.strip_prefix('\n').unwrap_or(text)))
            } else if tag.starts_with("select") {
                let all = between(rest, ">", "</select>").expect("it ends");
                let chosen =
                    all.split("<option").find(|option| option.split('>').any(|tag| tag.ends_with(" selected")));
                Some(chosen.and_then(|option| attribute(option, "value")).unwrap_or_default())
            } else if attribute(tag, "type").as_deref() == Some("checkbox") && !tag.ends_with(" checked") {
                None
            } else {
                tag.starts_with("input").then(|| attribute(tag, "value").unwrap_or_default())
            };
            sent.extend(value.map(|value| (name, value)));
        }
    }
    sent.retain(|(name, _)| name != "csrf");
    sent
}

/// What a page says at places: the place, how it is meant, and the sentence.
pub(super) fn notes(page: &str) -> BTreeSet<(String, String, String)> {
    let mut found = BTreeSet::new();
    let form = between(page, "<form id=\"fill\"", "</form>").expect("the form");
    for part in form.split("data-notes=\"").skip(1) {
        let (place, rest) = part.split_once('"').expect("it ends");
        let said = rest.split("</div>").next().unwrap_or_default();
        for note in said.split("<p class=\"").skip(1) {
            let (tone, rest) = note.split_once("\">").expect("a note");
            let text = rest.split("</p>").next().unwrap_or_default();
            found.insert((place.to_owned(), tone.to_owned(), unescaped(text)));
        }
    }
    found
}

/// The lines of the table of what could not be read in a file: the cell and the sentence.
pub(super) fn unread(page: &str) -> Vec<(String, String)> {
    let lines = page.split("<th scope=\"row\">").skip(1);
    let line = |line: &str| {
        let (cell, rest) = line.split_once("</th><td>")?;
        Some((unescaped(cell), unescaped(rest.split("</td>").next()?)))
    };
    lines.filter_map(line).collect()
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split(to).next()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    between(tag, &format!(" {name}=\""), "\"").map(unescaped)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
