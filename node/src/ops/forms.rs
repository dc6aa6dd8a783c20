//! 表单和单据: the forms in force here, the documents filled in by them, and what may be done with a document: begin it,
//! change it, take a step of its flow. Pages, files and the API call these.

mod above;
mod around;
mod begin;
mod following;
pub(crate) mod importing;
mod opening;
mod renewing;
mod saving;
mod stepping;
pub(crate) mod table;
pub(crate) mod trying;
mod versions;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tongpin_domain::digest::Digest;
use tongpin_domain::form::{self, Case, Document, FILL, FlowDuty, FlowLevel, Given, Seen, Step, Verdict};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::RegionCode;
use tongpin_store::{Person, StoreError};

use crate::guidance;

pub(crate) use crate::guidance::forms::{HeldForm, facts, find, offered};
pub(crate) use crate::records::checked::Checked;

pub(crate) use begin::{Beginning, begin, begin_as};
pub(crate) use following::following;
pub(crate) use opening::{open, verdict_key};
pub(crate) use renewing::{Renewal, renewal};
pub(crate) use saving::{checked, save};
pub(crate) use stepping::{can_take, step, steps};
pub(crate) use versions::{as_it_was, version};

/// A document with what is needed to show it and to work on it.
#[derive(Debug, Clone)]
pub(crate) struct HeldDocument {
    /// Who keeps it.
    pub(crate) author: RegionCode,
    /// What was filled in.
    pub(crate) document: Document,
    /// What was decided about it above, if anything was.
    pub(crate) verdict: Option<Verdict>,
    /// The form in the release that it was filled in under.
    pub(crate) form: Arc<HeldForm>,
    /// The release of the form that is in force, if that is a newer one.
    pub(crate) newest: Option<Arc<HeldForm>>,
    /// What a page was made from: see [`HeldDocument::version`].
    body: String,
    /// Who published the verdict, and its entry as it was read.
    decided: Option<(RegionCode, String)>,
}

impl HeldDocument {
    /// What a page was made from: whoever saves has seen exactly this.
    pub(crate) fn version(&self) -> String {
        let decided = self.decided.as_ref().map(|(_, body)| body.as_str()).unwrap_or_default();
        Digest::of_parts([self.body.as_bytes(), decided.as_bytes()]).to_string()
    }

    /// What a page was made from that asks about a step: one to a newer release goes to the release that it showed.
    pub(crate) fn version_for(&self, step: &str) -> String {
        match self.step(step) {
            Some((form, step)) if step.renews() => format!("{}-{}", self.version(), form.edition()),
            _ => self.version(),
        }
    }

    /// A step that can be taken by its name, with the release whose step it is: the document's own, or for a step that
    /// moves it there the newest, if this program knows all of that.
    pub(crate) fn step(&self, name: &str) -> Option<(&HeldForm, &Step)> {
        let named = |form: &'_ HeldForm, renews| {
            form.definition.flow.steps.iter().position(|step| step.name == name && step.renews() == renews)
        };
        let newest = self.newest.as_deref().filter(|form| form.unknown.is_empty());
        let own = named(&self.form, false).map(|at| (&*self.form, at));
        let (form, at) = own.or_else(|| newest.and_then(|form| Some((form, named(form, true)?))))?;
        Some((form, form.definition.flow.steps.get(at)?))
    }

    /// The state that it is in.
    pub(crate) fn state(&self) -> &str {
        self.document.state(self.verdict.as_ref())
    }

    /// What its state is called.
    pub(crate) fn state_title(&self) -> &str {
        let state = self.state();
        self.form.definition.flow.state(state).map_or(state, |state| &state.title)
    }

    /// The budget year of its period; none where it is filled in once and for all.
    fn year(&self) -> Option<i32> {
        self.form.definition.subject.per.year_of(&self.document.period)
    }

    /// The document as a step of its flow sees it.
    pub(crate) fn case(&self, blocked: bool) -> Case<'_> {
        Case { author: &self.author, document: &self.document, verdict: self.verdict.as_ref(), blocked }
    }

    /// What both levels filled in.
    pub(crate) fn given(&self) -> Cow<'_, BTreeMap<String, Given>> {
        self.form.definition.joined(&self.case(false))
    }

    /// Of what was given here what is kept in the document: nothing of what is not filled in at present, whatever was
    /// given for it, and in a township's nothing of the county's.
    fn ours(&self, own: &RegionCode, given: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
        let definition = &self.form.definition;
        let given = definition.within_reach(given, &self.given(), &self.locked(own));
        if !definition.is_divided(own) {
            return given;
        }
        definition.renumbered(&self.case(false), definition.below(&given))
    }

    /// The document with what both levels filled in.
    fn whole(&self) -> Cow<'_, Document> {
        self.form.definition.whole(&self.case(false))
    }

    fn seen<'a>(&'a self, own: &'a RegionCode) -> Seen<'a> {
        Seen { state: self.state(), author: &self.author, bureau: own }
    }

    /// The fields that this bureau does not fill in at present.
    pub(crate) fn locked(&self, own: &RegionCode) -> BTreeSet<String> {
        self.form.definition.locked(&self.seen(own))
    }

    /// Whether this bureau may change what its keeper fills in.
    pub(crate) fn is_open(&self, own: &RegionCode) -> bool {
        self.author == *own && self.form.unknown.is_empty() && self.may_change()
    }

    /// Whether the form asks this bureau, as the county's, to fill something in at present.
    pub(crate) fn is_asked_above(&self, own: &RegionCode) -> bool {
        self.form.unknown.is_empty() && self.form.definition.is_asked_above(&self.seen(own))
    }

    /// Whether somebody with these duties may fill anything in here at present. 审核 fills in what the county is asked
    /// for where that does not bar the same person from the step that follows.
    pub(crate) fn may_fill(&self, own: &RegionCode, duties: &[FlowDuty]) -> bool {
        if duties.contains(&FlowDuty::Enter) {
            return self.is_open(own) || self.is_asked_above(own);
        }
        let barred = |step: &Step| step.level == FlowLevel::County && step.other_than.iter().any(|other| other == FILL);
        let steps = self.form.definition.flow.steps_from(self.state());
        duties.contains(&FlowDuty::Approve) && self.is_asked_above(own) && !steps.into_iter().any(barred)
    }

    /// Whether its state lets whoever keeps it change it.
    pub(crate) fn may_change(&self) -> bool {
        self.form.definition.is_open(&self.case(false))
    }
}

/// Why nothing was done with a document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormError {
    /// Somebody saved it, or decided about it, since the page was made.
    #[error("the document was changed in the meantime")]
    Changed,
    /// It is kept elsewhere.
    #[error("the document is kept by {0}")]
    NotOurs(RegionCode),
    /// Its state does not allow changes.
    #[error("the document is closed: {0}")]
    Closed(String),
    /// What was calculated in it is not what follows from what was typed.
    #[error("what was calculated does not follow from what was typed: {}", .0.join(", "))]
    Figures(Vec<String>),
    /// It holds what this program does not know.
    #[error("this program does not know {0:?}")]
    Unknown(Vec<String>),
    /// There is one of this subject and period.
    #[error("there is one already")]
    Exists(String),
    /// The subject or period is not right.
    #[error("{en}")]
    Subject {
        /// In Chinese.
        zh: String,
        /// In English.
        en: String,
    },
    /// Something in it cannot be read, each at its place.
    #[error("{} values cannot be read", .0.len())]
    Unreadable(Vec<form::FieldProblem>),
    /// A step that is not taken.
    #[error(transparent)]
    Step(#[from] form::StepFault),
    /// The verdict could not be published.
    #[error(transparent)]
    Publish(#[from] tongpin_link::publish::PublishError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document could not be written as text.
    #[error("a document could not be written as JSON")]
    Internal(#[from] serde_json::Error),
}

impl Say for FormError {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Changed => (
                "已有他人修改或办理了此单据，本次未保存；请核对后再办".to_owned(),
                "somebody else has changed this document in the meantime; compare, then try again".to_owned(),
            ),
            Self::NotOurs(author) => (
                format!("此单据由 {author} 填报，只能由其修改；如有错误，请退回并写明原因"),
                format!("{author} keeps this document; give it back with a reason if something is wrong"),
            ),
            Self::Closed(state) => (
                format!("单据现为“{state}”，不能修改；需要修改的，请先撤回，或申请调整"),
                format!("the document is in the state {state:?} and cannot be changed; withdraw or adjust it first"),
            ),
            Self::Figures(titles) => {
                let titles = titles.join("、");
                (
                    format!("单据中的“{titles}”与按填报内容计算的不一致，不能批复；请退回，由填报单位重新保存后再送"),
                    format!("{titles} are not what follows from what was typed; give it back to be saved anew"),
                )
            }
            Self::Unknown(parts) => {
                let words = guidance::forms::not_known(parts);
                (words.zh, words.en)
            }
            Self::Exists(_) => (
                "该对象本期已有此单据；请到列表中打开修改，不要重复新建".to_owned(),
                "there is a document of this subject and period; open that one".to_owned(),
            ),
            Self::Subject { zh, en } => (zh.clone(), en.clone()),
            Self::Unreadable(problems) => (
                format!("有 {} 处填写有误，没有保存；请按提示改正", problems.len()),
                format!("{} values cannot be read; nothing was saved", problems.len()),
            ),
            Self::Step(fault) => return fault.say(lang),
            Self::Publish(error) => return error.say(lang),
            Self::Store(error) => return error.say(lang),
            Self::Internal(error) => (
                format!("程序内部错误（{error}），未保存；请联系技术支持"),
                format!("an internal error ({error}); nothing was saved, ask for support"),
            ),
        };
        lang.pick(&zh, &en).to_owned()
    }
}

/// Who acts, as flows know people.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    /// The person, as records keep them.
    pub(crate) person: Person,
    /// The duties of flows that the account holds.
    pub(crate) duties: Vec<FlowDuty>,
    /// 一人经办并审核
    pub(crate) alone: bool,
}

impl Worker {
    /// The account as flows compare it: by its id, or by the name that a command gave.
    pub(crate) fn account(&self) -> &str {
        if self.person.account.is_empty() { &self.person.name } else { &self.person.account }
    }
}
