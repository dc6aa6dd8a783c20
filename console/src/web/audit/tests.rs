//! Shows that no action is entered under a word that the list does not know: it would stand in the log untranslated,
//! and nobody could search for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::ACTIONS;

/// What begins an entry: a call, of which the action is the first word among its own arguments, or a value.
const CALLS: [&str; 4] = ["audit_entry(", "entry(", "audit(", "draft("];
const VALUES: [&str; 2] = ["action: \"", "action = "];

fn is_word(text: &str) -> bool {
    text.len() > 2 && text.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
}

/// The texts in quotes that stand in a piece of a program outside of further brackets, until its end.
fn quoted(code: &str, until: char) -> Vec<&str> {
    let (mut depth, mut found, mut rest) = (0_u32, Vec::new(), code);
    while let Some(at) = rest.find(['"', '(', ')', '[', ']', ';']) {
        let (sign, after) = (rest.as_bytes()[at], &rest[at + 1..]);
        rest = after;
        match sign {
            b'"' => {
                let Some(end) = after.find('"') else { break };
                found.extend((depth == 0).then_some(&after[..end]));
                rest = &after[end + 1..];
            }
            b'(' | b'[' => depth += 1,
            _ if depth == 0 && char::from(sign) == until => break,
            b')' | b']' if depth == 0 => break,
            b')' | b']' => depth -= 1,
            _ => {}
        }
    }
    found
}

/// The actions that a file enters, its tests left out.
fn actions(code: &str, found: &mut BTreeSet<String>) {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    for call in CALLS {
        for (at, _) in code.match_indices(call) {
            let begins = !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
            let words = quoted(&code[at + call.len()..], ')').into_iter().filter(|text| is_word(text));
            found.extend(words.take(usize::from(begins)).map(str::to_owned));
        }
    }
    for value in VALUES {
        for (at, _) in code.match_indices(value) {
            let from = at + value.trim_end_matches('"').len();
            let end = code[from..].find([';', ',']).map_or(code.len(), |end| from + end);
            found.extend(quoted(&code[from..end], ';').into_iter().filter(|text| is_word(text)).map(str::to_owned));
        }
    }
}

fn walk(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "tests" {
            walk(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") && name != "tests.rs" {
            actions(&fs::read_to_string(&path).expect("readable"), found);
        }
    }
}

/// Every action that the programs enter has a name.
#[test]
fn every_action_has_a_name() {
    let mut found = BTreeSet::new();
    for program in ["../hub/src", "../node/src", "src"] {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(program), &mut found);
    }
    for known in [
        "report_accept",
        "collection_reopen",
        "project_new",
        "bundle_pack",
        "sign_in",
        "catalog_discard",
        "token_new",
        "question_expert",
    ] {
        assert!(found.contains(known), "{known} is not found in the programs: {found:?}");
    }
    let named = |word: &String| ACTIONS.iter().any(|(action, _, _)| action == word);
    let unnamed: Vec<&String> = found.iter().filter(|word| !named(word)).collect();
    assert_eq!(unnamed, Vec::<&String>::new());
}
