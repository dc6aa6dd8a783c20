//! 经办与审核: who did something, as records keep it, so that two of them can be told apart from one. People are
//! compared by their accounts; a name alone, as a command is given it, is compared with care.

use crate::account::Account;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// How records and documents name them: `预算科经办（yusuan01）` for an account.
    pub name: String,
    /// The id of the account, empty for whom only a command or an old record names.
    pub account: String,
}

impl Person {
    /// Whom a command names, or a record from before accounts were kept.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.trim().to_owned(), account: String::new() }
    }

    /// Whether the two may be the same person. Two accounts are one person only if they are one account. Where either
    /// has none, any name that they share makes them one: whoever is wrongly taken for somebody else asks a third
    /// person, and nobody approves what is their own.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        if !self.account.is_empty() && !other.account.is_empty() {
            return self.account == other.account;
        }
        self.names().iter().any(|name| other.names().contains(name))
    }

    /// Every name that this one may go by: as it stands, its post and its login name, and of a record that names
    /// several people in one text each of them.
    fn names(&self) -> Vec<&str> {
        let several = if self.account.is_empty() { self.name.split('、').collect() } else { Vec::new() };
        let mut names = Vec::new();
        for name in several.into_iter().chain([self.name.as_str()]).map(str::trim) {
            names.push(name);
            if let Some((post, login)) = name.strip_suffix('）').and_then(|rest| rest.rsplit_once('（')) {
                names.extend([post.trim(), login.trim()]);
            }
        }
        names.retain(|name| !name.is_empty());
        names
    }
}

impl From<&Account> for Person {
    fn from(account: &Account) -> Self {
        Self { name: format!("{}（{}）", account.display_name, account.name), account: account.id.clone() }
    }
}

impl From<&str> for Person {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

impl From<&Self> for Person {
    fn from(person: &Self) -> Self {
        person.clone()
    }
}

/// The people with one more, unless that one is among them.
#[must_use]
pub fn with(people: &[Person], one: Person) -> Vec<Person> {
    let known =
        people.iter().any(|person| *person == one || (!one.account.is_empty() && person.account == one.account));
    let more = (!known).then_some(one);
    people.iter().cloned().chain(more).collect()
}

/// The people as one text, for readers and documents; nothing reads them out of it again.
#[must_use]
pub fn told(people: &[Person]) -> String {
    people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>().join("、")
}

/// People as they are stored.
pub(crate) fn pairs(people: &[Person]) -> String {
    let pairs: Vec<[&str; 2]> = people.iter().map(|person| [person.name.as_str(), person.account.as_str()]).collect();
    serde_json::json!(pairs).to_string()
}

/// People as they were stored. A record from before has only the text, which stays one name.
pub(crate) fn people(stored: Vec<(String, String)>, text: &str) -> Vec<Person> {
    if stored.is_empty() {
        return vec![Person::named(text)];
    }
    stored.into_iter().map(|(name, account)| Person { name, account }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, id: &str) -> Person {
        Person { name: name.to_owned(), account: id.to_owned() }
    }

    /// Accounts are told apart by nothing but themselves, however they are called; names without accounts by any name
    /// that they share.
    #[test]
    fn the_same_person() {
        let odd = account("张、李（zl）", "1");
        assert!(odd.is(&account("改了名（zl）", "1")));
        assert!(!account("预算科（a）", "1").is(&account("预算科（b）", "2")), "one post, two accounts");
        for same in ["张、李（zl）", " 张、李 ", "zl", "王、张、李（zl）、赵", "王、zl"] {
            assert!(odd.is(&Person::named(same)) && Person::named(same).is(&odd), "{same}");
        }
        for other in ["张", "李", "z", "王（wang）、赵（zhao）", ""] {
            assert!(!odd.is(&Person::named(other)), "{other}");
        }
        assert!(Person::named("甲 ").is(&Person::named("甲")));
        assert!(Person::named("甲、乙").is(&Person::named("乙")), "an old record of two");
        assert!(!Person::named("").is(&Person::named("")));
    }

    /// Who is added comes once, and what is stored is read again as it was.
    #[test]
    fn several() {
        let all =
            with(&with(&with(&[], account("甲、乙（x）", "1")), Person::named("丙")), account("甲、乙（x）", "1"));
        assert_eq!(told(&all), "甲、乙（x）、丙");
        let stored = serde_json::from_str(&pairs(&all)).expect("pairs");
        assert_eq!(people(stored, "anything"), all);
        assert_eq!(people(Vec::new(), "甲、乙"), [Person::named("甲、乙")]);
    }
}
