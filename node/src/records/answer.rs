//! Answering a collection: from this node's records and scores to exactly what would leave, or to the reasons why
//! nothing does. The preview, the submission and the worker all go through here.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::collection::{self, CollectionError, Records, Rows};
use tongpin_domain::egress::{EgressContract, EgressRefusal};
use tongpin_domain::form::Definition;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_domain::report::{self, Place, Receipt, Report, ReportTable};
use tongpin_domain::score::{RuleRef, ScoreSheet, score_reviewed};
use tongpin_link::LinkError;
use tongpin_store::{MyReport, ReportState, ScoreRow, Store, StoreError};

use crate::guidance::forms::HeldForm;
use crate::guidance::{self, AskedCollection, RuleBook};
use crate::records::kept_form::{KeptForm, RecordForms};
use crate::records::{Held, HeldProject, added, documents};

/// Why a collection cannot be answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    /// It asks for what may not leave.
    #[error("the egress contract does not allow it ({} reasons)", .0.len())]
    Egress(Vec<EgressRefusal>),
    /// It has parts that this program does not know.
    #[error("this program does not know: {}", .0.join(", "))]
    Unknown(Vec<String>),
    /// It cannot be computed.
    #[error("the answer cannot be computed")]
    Collection(#[from] CollectionError),
    /// Projects of the period have no score.
    #[error("{} projects have no score", .0.len())]
    Unscored(Vec<String>),
    /// The records have changed since they were scored.
    #[error("{} scores are out of date", .0.len())]
    Stale(Vec<String>),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// What an earlier result was computed under cannot be read.
    #[error("an earlier version of the rules cannot be read")]
    Link(#[from] LinkError),
}

impl Say for AnswerError {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Egress(refusals), _) => {
                let said: Vec<String> = refusals.iter().map(|refusal| refusal.say(lang)).collect();
                let head = lang.pick(
                    "出域约定不允许上报，本任务整体不予计算：",
                    "the egress contract does not allow it, so nothing is computed: ",
                );
                let advice = lang.pick(
                    "；如确需上报，请经审批后修改 config.toml 的 [egress]",
                    "; if it shall leave, have [egress] in config.toml changed",
                );
                format!("{head}{}{advice}", said.join(lang.pick("、", ", ")))
            }
            (Self::Unknown(parts), _) => {
                let advice =
                    lang.pick("，不知道会送出什么，所以不予计算；请升级本程序", "; upgrade before it is answered");
                format!("{}{advice}", guidance::unknown_parts(parts, lang))
            }
            (Self::Collection(error), _) => error.say(lang),
            (Self::Store(error), _) => error.say(lang),
            (Self::Link(error), _) => error.say(lang),
            (Self::Unscored(codes), Lang::Zh) => {
                format!("有 {} 个项目还没有评分（{}）；请先运行 score", codes.len(), some(codes))
            }
            (Self::Stale(codes), Lang::Zh) => {
                format!("有 {} 个项目在评分之后又有改动（{}）；请重新运行 score", codes.len(), some(codes))
            }
            (Self::Unscored(codes) | Self::Stale(codes), Lang::En) => format!("{self} ({}); run score", some(codes)),
        }
    }
}

/// The first few of many, so that a message stays a message.
pub(crate) fn some(codes: &[String]) -> String {
    let shown = codes.iter().take(3).cloned().collect::<Vec<_>>().join("、");
    if codes.len() > 3 { format!("{shown} …") } else { shown }
}

/// What would leave.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// What was asked.
    pub(crate) asked: AskedCollection,
    /// The tables, after small groups were held back.
    pub(crate) tables: Vec<ReportTable>,
    /// The rule sets behind the scores.
    pub(crate) rules: Vec<RuleRef>,
    /// How many projects lie in the period.
    pub(crate) projects: usize,
    /// How many of them have a total.
    pub(crate) scored: usize,
    /// What a person should know before letting it leave.
    pub(crate) remarks: Vec<Remark>,
}

/// Something that a person should know before letting an answer leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remark {
    /// There is no project in the period.
    NoProject,
    /// The rules have been published anew since.
    NewerRules(RuleRef, u64),
    /// The scores stem from more than one release of rules.
    MixedRules(usize),
    /// Records do not take part.
    SetAside(usize),
}

impl Say for Remark {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NoProject, Lang::Zh) => "本期没有项目，上报的是“零个项目”，不是“未报”".into(),
            (Self::NoProject, Lang::En) => "there is no project in the period: what is reported is none".into(),
            (Self::NewerRules(used, newest), Lang::Zh) => {
                format!(
                    "评分用的是规则“{}”第 {} 版，现已有第 {newest} 版；需要按新规则上报的，请先运行 score",
                    used.key, used.release
                )
            }
            (Self::NewerRules(used, newest), Lang::En) => {
                format!(
                    "scored under release {} of {:?}, {newest} is here now; run score to use it",
                    used.release, used.key
                )
            }
            (Self::MixedRules(count), Lang::Zh) => format!("评分来自 {count} 个不同版本的规则，上报中会分别注明"),
            (Self::MixedRules(count), Lang::En) => {
                format!("the scores stem from {count} releases of rules, which is told")
            }
            (Self::SetAside(count), Lang::Zh) => format!("有 {count} 条记录有问题，未计入；用 status 查看"),
            (Self::SetAside(count), Lang::En) => {
                format!("{count} records are set aside and do not take part; see status")
            }
        }
    }
}

/// What answers are computed from, read once.
pub(crate) struct Basis {
    held: Held,
    scores: BTreeMap<String, ScoreRow>,
    book: RuleBook,
    regions: Regions,
    forms: Vec<HeldForm>,
    /// Of projects and of their lines.
    kept: [KeptForm; 2],
}

impl Basis {
    /// Reads it.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let forms = RecordForms::load(store).await?;
        let scores = store.scores().await?.into_iter().map(|row| (row.project_code.clone(), row)).collect();
        Ok(Self {
            held: crate::records::load(store).await?,
            scores,
            book: RuleBook::load(store).await?,
            regions: guidance::regions(store).await?,
            forms: guidance::forms::offered(store).await?,
            kept: [forms.projects, forms.lines],
        })
    }

    /// Computes what would leave.
    pub(crate) async fn answer(
        &self,
        store: &Store,
        asked: AskedCollection,
        contract: &EgressContract,
    ) -> Result<Answer, AnswerError> {
        if !asked.unknown.is_empty() {
            return Err(AnswerError::Unknown(asked.unknown));
        }
        contract.check_with(&asked.collection, |code| self.form(code)).map_err(AnswerError::Egress)?;
        let year = asked.collection.fiscal_year();
        let of_projects = asked.collection.tables.iter().any(|table| table.records != Records::Documents);
        let of_period = |held: &&HeldProject| of_projects && Some(held.project.fiscal_year) == year;
        let of_period: Vec<&HeldProject> = self.held.projects.iter().filter(of_period).collect();
        let sheets = self.sheets(store, &of_period).await?;
        let mut rows = Rows::new(of_period.iter().zip(&sheets).map(|(held, sheet)| (&held.project, sheet)));
        for table in &asked.collection.tables {
            if let Some(definition) = table.form.as_ref().and_then(|source| self.form(&source.code)) {
                rows = rows.with_own(&table.id, documents::rows(store, table, definition).await?);
            } else if let Some(definition) = table.more.as_ref().and_then(|source| self.form(&source.code)) {
                rows = rows.with_own(&table.id, added::rows(table, definition, &of_period, &sheets));
            }
        }
        let answers = collection::answer(&asked.collection, &rows)?;
        let tables = contract.withhold(&asked.collection, answers);
        let rules: BTreeSet<RuleRef> = sheets.iter().map(|sheet| sheet.rules.clone()).collect();
        Ok(Answer {
            remarks: self.remarks(of_projects.then_some(of_period.len()), &rules),
            tables: tables.into_iter().map(|(answer, withheld)| ReportTable { answer, withheld }).collect(),
            rules: rules.into_iter().collect(),
            projects: of_period.len(),
            scored: sheets.iter().filter(|sheet| sheet.total.is_some()).count(),
            asked,
        })
    }

    /// The form of this code, if this program knows all of it. One that holds what is not known here lets nothing
    /// leave: nobody can say what that would be.
    fn form(&self, code: &str) -> Option<&Definition> {
        let kept = self.kept.iter().map(|kept| (kept.definition(), kept.unknown()));
        let all = kept.chain(self.forms.iter().map(|form| (&form.definition, form.unknown.as_slice())));
        all.filter(|(_, unknown)| unknown.is_empty()).map(|(form, _)| form).find(|form| form.code == code)
    }

    /// The stored sheets, each compared with what the records say now under the same rules: a figure that no record
    /// bears out must not leave.
    async fn sheets(&self, store: &Store, projects: &[&HeldProject]) -> Result<Vec<ScoreSheet>, AnswerError> {
        let (mut sheets, mut unscored, mut stale) = (Vec::new(), Vec::new(), Vec::new());
        let mut rules = BTreeMap::new();
        for held in projects {
            let code = &held.project.code;
            let stored = self.scores.get(code).and_then(|row| serde_json::from_str::<ScoreSheet>(&row.sheet).ok());
            let Some(sheet) = stored else {
                unscored.push(code.clone());
                continue;
            };
            if !rules.contains_key(&sheet.rules) {
                rules.insert(sheet.rules.clone(), guidance::rules_at(store, &sheet.rules).await?);
            }
            let now = rules.get(&sheet.rules).and_then(Option::as_ref).map(|rules| {
                let (set, reference) = (&rules.set, &rules.reference);
                score_reviewed(&held.project, &held.lines, &held.reviews, set, reference, &self.regions)
            });
            // A division that got another code since is the same division: nothing was changed by that.
            let sheet = ScoreSheet { region: self.regions.current(&sheet.region), ..sheet };
            if now.as_ref() != Some(&sheet) {
                stale.push(code.clone());
            }
            sheets.push(sheet);
        }
        match (unscored.is_empty(), stale.is_empty()) {
            (false, _) => Err(AnswerError::Unscored(unscored)),
            (_, false) => Err(AnswerError::Stale(stale)),
            _ => Ok(sheets),
        }
    }

    /// `projects` is none where nothing is asked about projects.
    fn remarks(&self, projects: Option<usize>, rules: &BTreeSet<RuleRef>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        if projects == Some(0) {
            remarks.push(Remark::NoProject);
        }
        if rules.len() > 1 {
            remarks.push(Remark::MixedRules(rules.len()));
        }
        for used in rules {
            match self.book.newest(used) {
                Some(newest) if newest.reference.release > used.release => {
                    remarks.push(Remark::NewerRules(used.clone(), newest.reference.release));
                }
                _ => {}
            }
        }
        if !self.held.set_aside.is_empty() {
            remarks.push(Remark::SetAside(self.held.set_aside.len()));
        }
        remarks
    }
}

impl Answer {
    /// The report that takes this place.
    pub(crate) fn report(&self, own: &RegionCode, place: Place, at: Moment, approved_by: &str) -> Report {
        Report {
            collection: self.asked.collection.id.clone(),
            collection_release: self.asked.reference.clone(),
            region: own.clone(),
            period: self.asked.collection.period.clone(),
            revision: place.revision,
            replaces: place.replaces,
            tables: self.tables.clone(),
            rules: self.rules.clone(),
            computed_at: at,
            approved_by: approved_by.to_owned(),
        }
    }

    /// Whether the last report says the same and was not returned: then there is nothing to send.
    pub(crate) fn is_sent(&self, last: Option<&MyReport>) -> bool {
        last.is_some_and(|last| last.state != ReportState::Returned) && self.is_told(last)
    }

    /// Whether the last report says the same, whatever became of it.
    pub(crate) fn is_told(&self, last: Option<&MyReport>) -> bool {
        let told = last.and_then(|last| serde_json::from_str::<Report>(&last.payload).ok());
        told.is_some_and(|told| {
            told.tables == self.tables && told.rules == self.rules && told.collection_release == self.asked.reference
        })
    }

    /// How many groups leave, all tables together.
    pub(crate) fn groups(&self) -> usize {
        self.tables.iter().map(|table| table.answer.groups.len()).sum()
    }
}

/// The last report about a collection, if there is one.
pub(crate) async fn last_report(store: &Store, collection: &str) -> Result<Option<MyReport>, StoreError> {
    Ok(store.my_reports(collection).await?.pop())
}

/// The place of the next report about a collection, as far as this node and its parent's receipts know.
pub(crate) async fn next_place(store: &Store, collection: &str, parent: &RegionCode) -> Result<Place, StoreError> {
    let last = last_report(store, collection).await?;
    let own = last.map_or(report::Held::NONE, |last| report::Held { revision: last.revision, digest: last.digest });
    let receipts = store.my_receipts().await?.into_iter().filter(|receipt| receipt.region == *parent);
    // A receipt of a newer form than this program knows says nothing about it.
    let receipts = receipts.filter_map(|receipt| serde_json::from_str::<Receipt>(&receipt.payload).ok());
    let receipts: Vec<Receipt> = receipts.filter(|receipt| receipt.collection == collection).collect();
    Ok(report::next_place(own, &receipts))
}

#[cfg(test)]
mod tests;
