//! What becomes of each line of a file: a document begins, changes, stays as it is, or the line is left alone.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tongpin_console::sheet::documents::{FilledDocument, FilledDocuments, Laid, TableFault};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{DOCUMENT, Definition, Document, FieldProblem, Given, SubjectOf};
use tongpin_domain::intake::Words;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::processor::beside;
use tongpin_store::{Keys, RecordRow};

use super::differences::differences;
use super::{Counts, Left, SHOWN};
use crate::app::App;
use crate::ops::editing::row;
use crate::ops::forms::around::Around;
use crate::ops::forms::{FormError, HeldDocument, HeldForm, Worker, begin, locked, opening, saving};
use crate::ops::import::{Change, ImportError, What};

/// What was found out about the lines.
#[derive(Default)]
pub(super) struct Found {
    pub(super) counts: Counts,
    pub(super) changes: Vec<Change>,
    pub(super) left: Vec<Left>,
    pub(super) faults: Vec<TableFault>,
    pub(super) records: Vec<RecordRow>,
    pub(super) bodies: BTreeMap<String, String>,
    /// What the effect is told by.
    pub(super) parts: Vec<String>,
}

/// The lines of a file, as they are laid over what is held.
pub(super) struct Lines<'a> {
    app: &'a App,
    form: &'a Arc<HeldForm>,
    filled: &'a FilledDocuments,
    by: &'a Worker,
    own: RegionCode,
    at: Moment,
    /// The fields that are shut in each state.
    shut: HashMap<String, Vec<String>>,
    /// The line of each document that was named.
    seen: HashMap<(String, String), u64>,
    pub(super) found: Found,
}

/// A line with what tells its document from others.
struct Named<'a> {
    filled: &'a FilledDocument,
    keeper: String,
    /// The id that it means, or that follows from it.
    id: String,
}

/// Why a line is not taken.
enum Not {
    /// Its document cannot be begun or changed.
    Refused(Words),
    /// Its document was changed meanwhile; this is what it would have.
    Conflict(Laid),
    /// Something on it cannot be read.
    Unreadable(Vec<FieldProblem>, Laid),
    /// The program failed.
    Failed(serde_json::Error),
}

impl From<FormError> for Not {
    fn from(error: FormError) -> Self {
        match error {
            FormError::Internal(error) => Self::Failed(error),
            error => Self::Refused(Words::new(error.say(Lang::Zh), error.say(Lang::En))),
        }
    }
}

impl<'a> Lines<'a> {
    pub(super) fn new(app: &'a App, form: &'a Arc<HeldForm>, filled: &'a FilledDocuments, by: &'a Worker) -> Self {
        let (own, at) = (app.site.region(), app.site.now());
        let (shut, seen, found) = (HashMap::new(), HashMap::new(), Found::default());
        Self { app, form, filled, by, own, at, shut, seen, found }
    }

    fn definition(&self) -> &'a Definition {
        &self.form.definition
    }

    /// The lines that say anything; the others are counted.
    pub(super) fn edited(&mut self) -> Vec<&'a FilledDocument> {
        let definition = self.definition();
        let all = &self.filled.documents;
        let edited: Vec<&FilledDocument> = all.iter().filter(|filled| filled.is_edited(definition)).collect();
        self.found.counts.unchanged += all.len() - edited.len();
        edited
    }

    /// Looks at some lines: what they name is read by its key, and nothing else is.
    pub(super) async fn piece(&mut self, lines: &[&'a FilledDocument]) -> Result<(), ImportError> {
        let named: Vec<Named<'a>> = beside(|| lines.iter().map(|filled| self.named(filled)).collect());
        let code = &self.definition().code;
        let keys: Vec<String> = named.iter().map(|named| format!("{code}/{}", named.id)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let store = self.app.store();
        let held = opening::held(store, store.records_at(DOCUMENT, Keys::These(&keys)).await?).await?;
        let by_name: HashMap<(&str, &str), &HeldDocument> =
            held.iter().map(|it| ((it.author.as_str(), it.document.id.as_str()), it)).collect();
        let mut subjects: Vec<&str> = named.iter().map(|it| it.filled.subject.as_str()).collect();
        subjects.extend(held.iter().map(|it| it.document.subject.as_str()));
        subjects.sort_unstable();
        subjects.dedup();
        let around = Around::new(self.app, &self.definition().subject.of, &subjects).await?;
        beside(|| {
            for line in &named {
                let held = by_name.get(&(line.keeper.as_str(), line.id.as_str())).copied();
                self.line(line, held, &around)?;
            }
            Ok(())
        })
    }

    fn named(&self, filled: &'a FilledDocument) -> Named<'a> {
        let definition = self.definition();
        let keeper = if filled.keeper.is_empty() { self.own.to_string() } else { filled.keeper.clone() };
        let id = if !filled.id.is_empty() {
            filled.id.clone()
        } else if definition.subject.several {
            // The same line is the same document, however often it comes.
            let given = filled.over(definition, &BTreeMap::new()).given;
            let given = serde_json::to_string(&given).unwrap_or_default();
            let parts = [filled.subject.as_bytes(), filled.period.as_bytes(), given.as_bytes()];
            format!("f-{}", Digest::of_parts(parts).to_string().get(..24).unwrap_or_default())
        } else {
            let subject = match definition.subject.of {
                SubjectOf::Region => self.own.as_str(),
                SubjectOf::Nothing => "",
                _ => &filled.subject,
            };
            begin::numbered(definition, subject, &filled.period, None).unwrap_or_default()
        };
        Named { filled, keeper, id }
    }

    fn line(&mut self, line: &Named<'_>, held: Option<&HeldDocument>, around: &Around) -> Result<(), ImportError> {
        let name = (line.keeper.clone(), line.id.clone());
        let result = match self.seen.insert(name, line.filled.line) {
            Some(before) => Err(Not::Refused(Words::new(
                format!("与第 {before} 行是同一份单据，请只保留一行"),
                format!("the same document as line {before}; keep one of them"),
            ))),
            None => match held {
                Some(held) => self.changed(line, held, around),
                None => self.begun(line, around),
            },
        };
        match result {
            Ok(None) => self.found.counts.unchanged += 1,
            Ok(Some(document)) => self.keep(line, held, &document)?,
            Err(Not::Refused(why)) => {
                self.found.counts.refused += 1;
                let change = told(self.definition(), line.filled, held, Vec::new());
                self.found.left.push(Left { change, conflict: false, why });
            }
            Err(Not::Conflict(laid)) => self.conflict(line, held, &laid),
            Err(Not::Unreadable(problems, laid)) => {
                for problem in problems {
                    self.unreadable(line.filled, &problem, &laid);
                }
            }
            Err(Not::Failed(error)) => return Err(FormError::Internal(error).into()),
        }
        Ok(())
    }

    fn keep(&mut self, line: &Named<'_>, held: Option<&HeldDocument>, document: &Document) -> Result<(), ImportError> {
        let key = document.record_key();
        let found = &mut self.found;
        let before = held.map(|held| held.body.clone()).unwrap_or_default();
        found.parts.extend([key.clone(), before.clone(), document.content().to_string()]);
        if held.is_some() {
            found.counts.changed += 1;
            found.bodies.insert(key.clone(), before);
        } else {
            found.counts.added += 1;
        }
        if found.changes.len() < SHOWN {
            let fields = held.map(|held| differences(&self.form.definition, &held.document.given, &document.given));
            found.changes.push(told(&self.form.definition, line.filled, held, fields.unwrap_or_default()));
        }
        found.records.push(row(DOCUMENT, &key, document).map_err(FormError::from)?);
        Ok(())
    }

    fn conflict(&mut self, line: &Named<'_>, held: Option<&HeldDocument>, laid: &Laid) {
        let definition = self.definition();
        self.found.counts.conflicts += 1;
        let told_already = self.found.left.iter().filter(|left| left.conflict).count();
        let fields = held.filter(|_| told_already < SHOWN);
        let fields = fields.map(|held| differences(definition, &held.document.given, &laid.given)).unwrap_or_default();
        let why = if line.filled.is_stamped() {
            Words::new(
                "导出之后已有他人修改或办理此单据，没有导入这一行；请核对两边的内容，重新下载后再改",
                "somebody else has changed this document since the file was written; compare both, then export it anew",
            )
        } else {
            Words::new(
                "已有此单据，内容与这一行不同，没有导入这一行；要修改的，请下载现有数据，在其中修改后导入",
                "there is such a document already and it says something else; change it in a file with what is held",
            )
        };
        let change = told(definition, line.filled, held, fields);
        self.found.left.push(Left { change, conflict: true, why });
    }

    /// A document that is held, as the line would have it; nothing if that is what is held.
    fn changed(&mut self, line: &Named<'_>, held: &HeldDocument, around: &Around) -> Result<Option<Document>, Not> {
        let (filled, definition) = (line.filled, self.definition());
        let laid = filled.over(definition, &held.document.given);
        if laid.given == held.document.given {
            return Ok(None);
        }
        about_the_same(filled, &held.document)?;
        saving::is_ours_to_fill(held, &self.own)?;
        saving::may_change(held, &self.own)?;
        if held.newest.is_some() || held.form.release != self.form.release {
            return Err(Not::Refused(Words::new(
                "此单据按表单的旧版填报，不能用新版的表导入；请先打开单据改用新版，或在单据页面修改",
                "it is filled in under an earlier release of the form; move it to the new one, or change it on its page",
            )));
        }
        if !filled.is_of(&held.version()) {
            return Err(Not::Conflict(laid));
        }
        self.open(held.state(), &held.document.given, &laid.given)?;
        let checked = around.checked(held, &laid.given);
        match saving::saved(held, checked, &laid.given, self.by, self.at) {
            Ok(document) if document.given == held.document.given => Ok(None),
            Ok(document) => Ok(Some(document)),
            Err(FormError::Unreadable(problems)) => Err(Not::Unreadable(problems, laid)),
            Err(error) => Err(error.into()),
        }
    }

    /// A document that begins.
    fn begun(&mut self, line: &Named<'_>, around: &Around) -> Result<Option<Document>, Not> {
        let (filled, definition) = (line.filled, self.definition());
        if filled.is_stamped() {
            return Err(Not::Refused(Words::new(
                "没有这份单据（已作废，或单据编号、填报单位代码被改动）；请重新下载后填写",
                "there is no such document; it was removed, or its id was changed: export them anew",
            )));
        }
        if line.keeper != self.own.as_str() {
            let zh = format!("填报单位代码“{}”不是本单位；新单据此列不填", line.keeper);
            let en = format!("{:?} is not this bureau; leave it blank for a new document", line.keeper);
            return Err(Not::Refused(Words::new(zh, en)));
        }
        let laid = filled.over(definition, &BTreeMap::new());
        self.open(definition.flow.first(), &BTreeMap::new(), &laid.given)?;
        let meant = !filled.id.is_empty() || definition.subject.several;
        let id = Some(line.id.as_str()).filter(|_| meant);
        let asked = (filled.subject.as_str(), filled.period.as_str(), id);
        match begin::draft(around, self.form, asked, &laid.given, (self.by, self.at)) {
            Ok(document) => Ok(Some(document)),
            Err(FormError::Unreadable(problems)) => Err(Not::Unreadable(problems, laid)),
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses what would change a field that is not filled in at present.
    fn open(
        &mut self,
        state: &str,
        before: &BTreeMap<String, Given>,
        after: &BTreeMap<String, Given>,
    ) -> Result<(), Not> {
        let definition = self.definition();
        let shut = || locked(definition, state).into_iter().collect();
        let shut: &Vec<String> = self.shut.entry(state.to_owned()).or_insert_with(shut);
        let found =
            shut.iter().find(|place| differs(place, before, after)).and_then(|place| definition.field_at(place));
        match found {
            None => Ok(()),
            Some(field) => Err(Not::Refused(Words::new(
                format!("“{}”现在不由本级填写，请保持原值", field.title),
                format!("{} is not filled in here at present; leave it as it was", field.called(Lang::En)),
            ))),
        }
    }

    /// Tells of a value that cannot be read at its cell.
    fn unreadable(&mut self, filled: &FilledDocument, problem: &FieldProblem, laid: &Laid) {
        let place = &problem.place;
        let table = place.row.as_ref().map_or("", |_| place.field.as_str());
        let sheet = self.filled.sheets.iter().position(|sheet| sheet.rows == table).unwrap_or_default();
        let row = place.row.as_ref().and_then(|id| match laid.given.get(&place.field) {
            Some(Given::Rows(rows)) => rows.iter().position(|row| row.id == *id),
            _ => None,
        });
        let line = row.and_then(|at| laid.lines.get(&place.field)?.get(at).copied()).unwrap_or(filled.line);
        let field = place.inner.as_ref().unwrap_or(&place.field);
        let column = self.filled.sheets.get(sheet).and_then(|sheet| sheet.fields.get(field)).copied();
        let found = match (row, laid.given.get(&place.field)) {
            (None, Some(Given::One(text))) => text.clone(),
            (None, Some(Given::Several(texts))) => texts.join("、"),
            (Some(at), Some(Given::Rows(rows))) => {
                rows.get(at).and_then(|row| row.cells.get(field)).cloned().unwrap_or_default()
            }
            _ => String::new(),
        };
        let says = Words::new(problem.fault.say(Lang::Zh), problem.fault.say(Lang::En));
        self.found.faults.push(TableFault { sheet, line, column, found, says });
    }
}

/// Refuses a line that is about something else than its document.
fn about_the_same(filled: &FilledDocument, document: &Document) -> Result<(), Not> {
    for (said, is, zh, en) in [
        (&filled.subject, &document.subject, "对象", "what it is about"),
        (&filled.period, &document.period, "期间", "its period"),
    ] {
        if !said.is_empty() && said != is {
            let zh = format!("单据的{zh}是“{is}”，不能改为“{said}”；要新建的，请另起一行，不填单据编号");
            let en = format!("{en} is {is:?} and cannot become {said:?}; begin another on a line without an id");
            return Err(Not::Refused(Words::new(zh, en)));
        }
    }
    Ok(())
}

/// Whether a place, `paid` or `roads.paid`, holds something else.
fn differs(place: &str, before: &BTreeMap<String, Given>, after: &BTreeMap<String, Given>) -> bool {
    let Some((rows, inner)) = place.split_once('.') else { return before.get(place) != after.get(place) };
    let cells = |given: &'_ BTreeMap<String, Given>| -> Vec<(String, String)> {
        let Some(Given::Rows(rows)) = given.get(rows) else { return Vec::new() };
        rows.iter().filter_map(|row| Some((row.id.clone(), row.cells.get(inner)?.clone()))).collect()
    };
    cells(before) != cells(after)
}

/// A line as a preview tells it.
fn told(
    definition: &Definition,
    filled: &FilledDocument,
    held: Option<&HeldDocument>,
    fields: Vec<crate::ops::import::FieldChange>,
) -> Change {
    let name = held.map_or(filled.subject.as_str(), |held| held.document.subject_name.as_str());
    let period = held.map_or(filled.period.as_str(), |held| held.document.period.as_str());
    let period = definition.subject.per.shown(period, Lang::Zh);
    let name = [name, period.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let key = held.map_or(filled.id.clone(), |held| held.document.id.clone());
    Change { line: filled.line, key, name, what: if held.is_some() { What::Changed } else { What::Added }, fields }
}
