//! 本级增补: what a county adds to forms from above. It is written into the form's own workbook, and what is kept of that
//! is what was added.

use tongpin_domain::catalog::{CatalogId, Entry};
use tongpin_domain::form::{Definition, DefinitionFault, DefinitionProblem, Supplement, SupplementFault, changes};
use tongpin_domain::intake::{DraftEntry, Intake, Problem, Words};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_link::publish::forms::{Impact, held_against_rules};
use tongpin_store::{Store, StoreError};

use crate::failure::Failure;
use crate::guidance::forms::{self, HeldForm};

/// A form from above that can be added to.
pub(crate) struct Asked {
    /// The form as it came.
    pub(crate) form: HeldForm,
    /// Whether what is added to it is in force: not if it does not fit the form any more.
    pub(crate) fits: bool,
}

/// The forms from above that this bureau can add to, with whether what it published of that fits.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn asked(store: &Store, own: &RegionCode, published: &[Entry]) -> Result<Vec<Asked>, Failure> {
    let mut all = Vec::new();
    for whole in forms::offered(store).await?.into_iter().filter(|form| form.publisher != *own) {
        let code = &whole.definition.code;
        let Some(form) = forms::from_above(store, code).await? else { continue };
        let added = published.iter().any(|entry| entry.key == *code);
        all.push(Asked { fits: !added || whole.added > 0, form });
    }
    Ok(all)
}

/// The form of a code from above that can be added to.
async fn above(store: &Store, code: &str) -> Result<Option<HeldForm>, StoreError> {
    Ok(forms::from_above(store, code).await?.filter(|form| !form.definition.is_kept()))
}

/// A form from above with what an entry adds to it; without one, or where that does not fit it any more, as it came.
pub(super) async fn whole(store: &Store, code: &str, body: Option<&str>) -> Result<Option<Definition>, Failure> {
    let form = above(store, code).await?.map(|form| form.definition);
    let supplement = body.and_then(|body| serde_json::from_str::<Supplement>(body).ok());
    Ok(form.map(|form| match supplement.map(|supplement| form.with(&supplement)) {
        Some(Ok(whole)) => whole,
        _ => form,
    }))
}

/// What a file that was read as a form adds to the form of its code from above.
pub(super) async fn read(store: &Store, file: &str, read: Intake<DraftEntry>) -> Result<Intake<DraftEntry>, Failure> {
    let Some((line, entry)) = read.accepted.into_iter().next().filter(|_| read.problems.is_empty()) else {
        return Ok(Intake { accepted: Vec::new(), ..read });
    };
    let problem = |column: &str, found: &str, expected| Problem {
        file: file.to_owned(),
        line: 0,
        column: column.to_owned(),
        found: found.to_owned(),
        expected,
    };
    let Some(form) = above(store, &entry.key).await? else {
        let expected = Words::new(
            "上级下发的、在用的表单的编码（项目、指标等内置单据由市统一规定，不能增补）；请在本页下载该表单的工作簿，在其中增加",
            "the code of a form from above that is in force, and none of projects and the like: add in its own workbook",
        );
        return Ok(Intake::refused(vec![problem("编码", &entry.key, expected)]));
    };
    if !form.unknown.is_empty() {
        return Ok(Intake::refused(vec![problem("编码", &entry.key, forms::not_known(&form.unknown))]));
    }
    let wanted: Definition = serde_json::from_str(&entry.body).map_err(|error| Failure::internal(&error))?;
    match Supplement::between(&form.definition, &wanted) {
        Ok(added) => {
            let body = serde_json::to_string(&added).map_err(|error| Failure::internal(&error))?;
            Ok(Intake { accepted: vec![(line, DraftEntry { body, ..entry })], ..read })
        }
        Err(faults) => {
            let told = |problem_of: &DefinitionProblem| {
                let said = |lang| match &problem_of.fault {
                    DefinitionFault::Supplement(fault) => fault.say(lang),
                    _ => problem_of.say(lang),
                };
                problem("", "", Words::new(said(Lang::Zh), said(Lang::En)))
            };
            Ok(Intake::refused(faults.iter().map(told).collect()))
        }
    }
}

/// What drafted entries do to documents that exist; those that change nothing are left out.
pub(super) async fn impacts(store: &Store, id: &CatalogId, drafted: &[Entry]) -> Result<Vec<Impact>, Failure> {
    let mut all = Vec::new();
    for entry in drafted {
        let published = store.entry(id, &entry.key).await?;
        if published.as_ref().is_some_and(|published| published.body == entry.body) {
            continue;
        }
        let before = whole(store, &entry.key, published.as_ref().map(|it| it.body.as_str())).await?;
        all.push(impact(above(store, &entry.key).await?, before, entry));
    }
    Ok(held_against_rules(store, all).await?)
}

fn impact(form: Option<HeldForm>, before: Option<Definition>, drafted: &Entry) -> (Impact, Option<Definition>) {
    let (key, is_new, is_kept) = (drafted.key.clone(), false, false);
    let refused = |fault| vec![DefinitionProblem::new("", fault)];
    let (Some(form), Some(before)) = (form, before) else {
        // The level above has retired the form since.
        let problems = refused(DefinitionFault::Supplement(SupplementFault::NoForm(key.clone())));
        let title = key.clone();
        return (Impact { key, title, is_new, is_kept, changes: Vec::new(), problems, awaits: Vec::new() }, None);
    };
    let title = form.definition.title.clone();
    let after = match serde_json::from_str::<Supplement>(&drafted.body) {
        Ok(supplement) => form.definition.with(&supplement),
        Err(_) => Err(refused(DefinitionFault::UnknownPart)),
    };
    let (changes, problems, after) = match after {
        Ok(after) => (changes(&before, &after), Vec::new(), Some(after)),
        Err(problems) => (Vec::new(), problems, None),
    };
    (Impact { key, title, is_new, is_kept, changes, problems, awaits: Vec::new() }, after)
}

/// Whether what is to be published fits the forms from above as they are now, and loses nothing of documents.
///
/// # Errors
/// Why not, in words.
pub(super) async fn publishable(store: &Store, id: &CatalogId, entries: &[Entry]) -> Result<(), Failure> {
    let impacts = impacts(store, id, entries).await?;
    let refused: Vec<&Impact> = impacts.iter().filter(|impact| impact.is_refused()).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let [zh, en] = [Lang::Zh, Lang::En].map(|lang| {
        let said = |impact: &&Impact| format!("“{}”：{}", impact.title, impact.refusals(lang).join("；"));
        refused.iter().map(said).collect::<Vec<_>>().join("。")
    });
    Err(Failure::input(format!("没有发布：{zh}。请修改草稿后再发布"), format!("not published: {en}")))
}
