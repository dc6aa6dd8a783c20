//! The people of the demo: accounts at the city, two counties and a township, so that a visitor can walk the whole way
//! in the browser.

use anyhow::{Context, Result};
use tongpin_console::random;

use super::federation::Federation;
use crate::process::Bureau;

/// Name, post, and duties of an account.
type Person = (&'static str, &'static str, &'static str);

/// Who is at every bureau: those who work, then those who keep the console.
const EVERYWHERE: [Person; 5] = [
    ("jingban", "经办-001", "enter"),
    ("shenhe", "审核-002", "approve"),
    ("xitong", "系统管理员-901", "system"),
    ("anquan", "安全管理员-902", "security"),
    ("shenji", "审计员-903", "audit"),
];
/// Who publishes, at the city.
const PUBLISHER: Person = ("fabu", "发布-003", "publish");

/// A console that a visitor can sign in to.
#[derive(Debug)]
pub struct Console {
    /// Whose it is.
    pub name: String,
    /// Its address.
    pub page: String,
    /// The accounts: name and post.
    pub accounts: Vec<(&'static str, &'static str)>,
}

/// Makes the accounts, all with one password that is made for this run, and returns it with the consoles.
///
/// # Errors
/// A command fails.
pub fn settle(federation: &Federation) -> Result<(String, Vec<Console>)> {
    let password = format!("{}-a1", random::code());
    // One county that enters its projects itself, and one whose township does.
    let alone = federation.counties.iter().find(|county| county.township.is_none());
    let above = federation.counties.iter().find(|county| county.township.is_some());
    let mut places: Vec<(&Bureau, bool)> = vec![(&federation.hub, true)];
    places.extend(alone.iter().chain(&above).map(|county| (&county.bureau, false)));
    places.extend(above.and_then(|county| county.township.as_ref()).map(|township| (township, false)));
    let mut consoles = Vec::new();
    for (bureau, publishes) in places {
        let people = EVERYWHERE.iter().chain(publishes.then_some(&PUBLISHER));
        let mut accounts = Vec::new();
        for (name, post, duties) in people {
            let add = ["account", "add", name, "--display", post, "--duties", duties, "--password-stdin"];
            bureau.run_told(&add, &password)?;
            accounts.push((*name, *post));
        }
        let (name, running) = federation.of(bureau).context("a bureau that runs")?;
        consoles.push(Console { name: name.to_owned(), page: running.page.clone(), accounts });
    }
    Ok((password, consoles))
}
