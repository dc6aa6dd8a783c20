//! 表单变动的影响: what publishing forms does to documents that exist, in words, and what is not published because such
//! documents could not be read any more.

use std::collections::BTreeSet;
use std::fmt;

use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::form::{
    Definition, DefinitionFault, DefinitionProblem, FORMS, FormChange, KeptAs, NumbersOf, RuleNumbers, changes,
};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::rules::RuleSet;
use tongpin_domain::score::RuleRef;
use tongpin_store::Store;

use crate::boxed;
use crate::error::LinkError;

/// The catalog of rule sets (计分规则).
const RULES: &str = "rules";

/// What becomes of one form.
#[derive(Debug)]
pub struct Impact {
    /// Its code.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Whether there was no such form before: then there is no document of it.
    pub is_new: bool,
    /// Whether its documents are records that the program keeps as such. Before the city first publishes such a form,
    /// it is as the program ships it; a new release holds for all of its documents at once.
    pub is_kept: bool,
    /// What is different.
    pub changes: Vec<FormChange>,
    /// What is wrong with it as it stands, whatever was before.
    pub problems: Vec<DefinitionProblem>,
    /// The numbers of the rules that it calculates with while no rules are in force: they may be published later.
    pub awaits: Vec<String>,
}

impl Impact {
    /// What keeps it from being published.
    #[must_use]
    pub fn refusals(&self, lang: Lang) -> Vec<String> {
        let refused = self.changes.iter().filter(|change| change.is_refused()).map(|change| change.say(lang));
        refused.chain(self.problems.iter().map(|problem| problem.say(lang))).collect()
    }

    /// What is told before it is published, and keeps nothing back.
    #[must_use]
    pub fn doubt(&self, lang: Lang) -> Option<String> {
        let zh = || {
            let named = self.awaits.join("、");
            format!("用到规则参数 {named}，而还没有发布计分规则；发布之前，有关的计算和校验没有结果")
        };
        let en = || {
            let named = self.awaits.join(", ");
            format!("it calculates with {named} of the rules, and none are published; until then nothing comes of that")
        };
        (!self.awaits.is_empty()).then(|| if lang == Lang::Zh { zh() } else { en() })
    }

    /// Whether it is published in no case.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.problems.is_empty() || self.changes.iter().any(FormChange::is_refused)
    }
}

/// What these entries of the catalog of forms do to what was published of each before; those that change nothing are
/// left out. A form that had retired is compared with what it was then: its documents are still there.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn of(store: &Store, id: &CatalogId, entries: &[Entry]) -> Result<Vec<Impact>, LinkError> {
    let (mut changed, mut absent) = (Vec::new(), BTreeSet::new());
    for entry in entries {
        let published = store.entry(id, &entry.key).await?;
        if published.as_ref().is_some_and(|published| published.body == entry.body) {
            continue;
        }
        if published.is_none() {
            absent.insert(entry.key.clone());
        }
        changed.push((entry, published));
    }
    let retired = store.last_forms(&id.publisher, &absent).await?;
    let impacts = changed.iter().map(|(entry, published)| {
        let published = published.as_ref().map(|published| &published.body);
        impact(entry, published.or_else(|| retired.get(&entry.key)).map(String::as_str))
    });
    held_against_rules(store, impacts.collect()).await
}

/// What becomes of forms, each with what it is to be, with what the rules in force have to say to it.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn held_against_rules(
    store: &Store,
    mut impacts: Vec<(Impact, Option<Definition>)>,
) -> Result<Vec<Impact>, LinkError> {
    let of_rules = |it: &&mut (Impact, Option<Definition>)| it.1.as_ref().is_some_and(Definition::uses_rules);
    let mut rules = None;
    for (impact, form) in impacts.iter_mut().filter(of_rules) {
        let rules = match &rules {
            Some(rules) => rules,
            None => rules.insert(rules_in_force(store).await?),
        };
        let form = form.iter();
        if rules.is_empty() {
            impact.awaits = form.flat_map(Definition::rules_used).map(|(path, _)| path).collect();
        } else {
            impact.problems.extend(form.flat_map(|form| form.rules_not_there(rules)));
        }
    }
    Ok(impacts.into_iter().map(|(impact, _)| impact).collect())
}

/// The numbers of the rules in force here, whoever publishes them.
async fn rules_in_force(store: &Store) -> Result<RuleNumbers, LinkError> {
    let mut sets = Vec::new();
    for head in store.heads().await?.into_iter().filter(|head| head.catalog.name == RULES) {
        for Entry { key, release, body, .. } in store.entries(&head.catalog).await? {
            let reference = RuleRef { publisher: head.catalog.publisher.clone(), key, release };
            // One that cannot be read is told of where rules are shown.
            sets.extend(RuleSet::from_json(&body).ok().map(|set| NumbersOf::new(reference, &set)));
        }
    }
    Ok(RuleNumbers::new(sets, None))
}

/// What the draft of a catalog of forms does; nothing for another catalog.
///
/// # Errors
/// The database cannot be read.
#[boxed]
pub async fn of_draft(store: &Store, id: &CatalogId) -> Result<Vec<Impact>, LinkError> {
    let draft = if id.name == FORMS { store.draft(id).await? } else { None };
    of(store, id, &draft.map(|draft| draft.entries).unwrap_or_default()).await
}

/// The forms among what would be published that cannot be.
///
/// # Errors
/// The database cannot be read.
pub(super) async fn refused(store: &Store, id: &CatalogId, entries: &[Entry]) -> Result<FormsRefused, LinkError> {
    let refused = of(store, id, entries).await?.into_iter().filter(Impact::is_refused).map(|impact| {
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| impact.refusals(lang));
        RefusedForm { key: impact.key, title: impact.title, zh, en }
    });
    Ok(FormsRefused(refused.collect()))
}

fn impact(entry: &Entry, before: Option<&str>) -> (Impact, Option<Definition>) {
    let known = before.and_then(|before| serde_json::from_str::<Definition>(before).ok());
    let (after, mut problems) = match Definition::drafted(&entry.body) {
        Ok((after, problems)) => (Some(after), problems),
        Err(_) => (None, vec![DefinitionProblem::new("", DefinitionFault::UnknownPart)]),
    };
    let kept_as = after.as_ref().and_then(|after| after.kept_as.as_ref());
    let shipped = kept_as.and_then(KeptAs::shipped).filter(|_| before.is_none());
    let found = match (known.as_ref().or(shipped), &after) {
        (Some(before), Some(after)) => changes(before, after),
        _ => Vec::new(),
    };
    // What such a form may not change is said once.
    problems.retain(|it| !matches!(&it.fault, DefinitionFault::KeptOtherwise(change) if found.contains(change)));
    let is_new = before.is_none() && shipped.is_none();
    let is_kept = after.as_ref().is_some_and(Definition::is_kept);
    let title = after.as_ref().or(known.as_ref()).map_or_else(|| entry.key.clone(), |form| form.title.clone());
    (Impact { key: entry.key.clone(), title, is_new, is_kept, changes: found, problems, awaits: Vec::new() }, after)
}

/// A form that is not published.
#[derive(Debug)]
pub struct RefusedForm {
    /// Its code.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Why, in Chinese.
    pub zh: Vec<String>,
    /// Why, in English.
    pub en: Vec<String>,
}

/// Forms that are not published: documents that exist could not be read any more, or they are wrong as they stand.
#[derive(Debug)]
pub struct FormsRefused(pub Vec<RefusedForm>);

impl fmt::Display for FormsRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|form| format!("{}: {}", form.key, form.en.join("; "))).collect();
        write!(f, "forms are not published: {}", all.join("; "))
    }
}

impl std::error::Error for FormsRefused {}

impl Say for FormsRefused {
    fn say(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        let form = |form: &RefusedForm| format!("表单“{}”：{}", form.title, form.zh.join("；"));
        let all: Vec<String> = self.0.iter().map(form).collect();
        format!("没有发布：{}。请修改草稿后再发布", all.join("。"))
    }
}
