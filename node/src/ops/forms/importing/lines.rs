//! What becomes of each line of a file: a document begins, changes, stays as it is, or the line is left alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tongpin_console::sheet::documents::{FilledDocuments, First, Laid, Name, TableFault, beginning};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{DOCUMENT, Definition, Document, FieldProblem, Given, Seen, SubjectOf};
use tongpin_domain::intake::Words;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::processor::beside;
use tongpin_store::{Keys, RecordRow};

use super::named::{Named, Refused, to_look_at};
use super::preview::Tally;
use super::{Counts, Left, Look};
use crate::app::App;
use crate::ops::editing::row;
use crate::ops::forms::around::Around;
use crate::ops::forms::{FormError, HeldDocument, HeldForm, begin, opening, saving};
use crate::ops::import::{Change, FieldChange, ImportError, What};

/// What was found out about the lines.
#[derive(Default)]
pub(super) struct Found {
    pub(super) counts: Counts,
    pub(super) changes: Vec<Change>,
    pub(super) refused: First<Left>,
    pub(super) conflicts: First<Left>,
    pub(super) changes_told: Tally,
    pub(super) conflicts_told: Tally,
    pub(super) faults: First<TableFault>,
    pub(super) records: Vec<RecordRow>,
    pub(super) bodies: BTreeMap<String, String>,
    /// What the effect is told by: of each record the digest of what is held and what would be.
    pub(super) parts: Vec<Digest>,
}

/// The lines of a file, as they are laid over what is held.
pub(super) struct Lines<'a> {
    app: &'a App,
    form: &'a Arc<HeldForm>,
    filled: &'a FilledDocuments,
    look: &'a Look<'a>,
    own: RegionCode,
    at: Moment,
    /// The fields that are shut in each state.
    shut: HashMap<String, Vec<String>>,
    pub(super) found: Found,
}

/// Why a line is not taken.
enum Not {
    /// Its document cannot be begun or changed: why, and the cell where that is to be mended if it is one.
    Refused(Words, Option<Name>),
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
            error => Self::Refused(Words::new(error.say(Lang::Zh), error.say(Lang::En)), None),
        }
    }
}

impl From<Refused> for Not {
    fn from((why, at): Refused) -> Self {
        Self::Refused(why, at)
    }
}

impl<'a> Lines<'a> {
    pub(super) fn new(app: &'a App, form: &'a Arc<HeldForm>, filled: &'a FilledDocuments, look: &'a Look<'a>) -> Self {
        let (own, at) = (app.site.region(), app.site.now());
        Self { app, form, filled, look, own, at, shut: HashMap::new(), found: Found::default() }
    }

    fn definition(&self) -> &'a Definition {
        &self.form.definition
    }

    /// The lines that say anything; the others are counted.
    pub(super) fn edited(&mut self) -> Vec<Named<'a>> {
        let edited = to_look_at(self.definition(), &self.filled.documents, &self.own);
        self.found.counts.unchanged += self.filled.documents.len().saturating_sub(edited.len());
        edited
    }

    /// Looks at some lines: what they name is read by its key, and nothing else is.
    pub(super) async fn piece(&mut self, named: &[Named<'a>]) -> Result<(), ImportError> {
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
        let around = Around::new(self.app, self.definition(), &held, &subjects).await?;
        beside(|| {
            for line in named {
                let held = by_name.get(&(line.keeper.as_str(), line.id.as_str())).copied();
                self.line(line, held, &around)?;
            }
            Ok(())
        })
    }

    fn line(&mut self, line: &Named<'_>, held: Option<&HeldDocument>, around: &Around) -> Result<(), ImportError> {
        let sound = self.about_us(line, around).and_then(|()| line.alone().map_err(Not::from));
        let result = match (sound, held) {
            (Err(not), _) => Err(not),
            (Ok(()), Some(held)) => self.changed(line, held, around),
            (Ok(()), None) => self.begun(line, around),
        };
        match result {
            Ok(None) => self.found.counts.unchanged += 1,
            Ok(Some(document)) => self.keep(line, held, &document)?,
            Err(Not::Refused(why, name)) => {
                self.found.counts.refused += 1;
                let sheet = self.filled.sheets.first();
                let column = name.and_then(|name| sheet?.named.get(&name)).copied();
                let left = || Left { change: told(self.form, self.look, line, held, Vec::new()), column, why };
                self.found.refused.add_with(left);
            }
            Err(Not::Conflict(laid)) => self.conflict(line, held, &laid),
            Err(Not::Unreadable(problems, laid)) => {
                for problem in problems {
                    self.unreadable(line.filled.line, &problem, &laid);
                }
            }
            Err(Not::Failed(error)) => return Err(FormError::Internal(error).into()),
        }
        Ok(())
    }

    /// Refuses a line about another region that would become, or change, the document of this one.
    fn about_us(&self, line: &Named<'_>, around: &Around) -> Result<(), Not> {
        let of = &self.definition().subject.of;
        if *of != SubjectOf::Region || !line.filled.id.is_empty() {
            return Ok(());
        }
        match around.subject(of, &line.filled.subject) {
            Err(FormError::Subject { zh, en }) => Err(Not::Refused(Words::new(zh, en), Some(Name::Subject))),
            other => other.map(|_| ()).map_err(Not::from),
        }
    }

    fn keep(&mut self, line: &Named<'_>, held: Option<&HeldDocument>, document: &Document) -> Result<(), ImportError> {
        let key = document.record_key();
        let found = &mut self.found;
        let before = held.map(|held| held.body.clone()).unwrap_or_default();
        let content = document.content().to_string();
        found.parts.push(Digest::of_parts([key.as_bytes(), before.as_bytes(), content.as_bytes()]));
        let at = found.counts.added + found.counts.changed;
        if found.changes_told.takes(&self.look.changes, at) {
            // A township's document holds nothing of what the county filled in, and nothing of that is changed.
            let after = held.map(|held| match held.given() {
                Cow::Borrowed(_) => document.given.clone(),
                Cow::Owned(before) => self.form.definition.with_above(&document.given, &before),
            });
            let fields =
                held.zip(after).map(|(held, after)| self.look.differences(&self.form.definition, held, &after));
            let change = told(self.form, self.look, line, held, fields.unwrap_or_default());
            found.changes_told.add(at, &change);
            found.changes.push(change);
        }
        if held.is_some() {
            found.counts.changed += 1;
            found.bodies.insert(key.clone(), before);
        } else {
            found.counts.added += 1;
        }
        found.records.push(row(DOCUMENT, &key, document).map_err(FormError::from)?);
        Ok(())
    }

    fn conflict(&mut self, line: &Named<'_>, held: Option<&HeldDocument>, laid: &Laid) {
        let at = self.found.counts.conflicts;
        let tells = self.found.conflicts_told.takes(&self.look.conflicts, at);
        let fields = held.filter(|_| tells);
        let fields = fields.map(|held| self.look.differences(&self.form.definition, held, &laid.given));
        self.found.counts.conflicts += 1;
        // A copied line whose id was cleared bears the stamp of the document that it was copied from.
        let why = if line.filled.is_stamped() && !line.filled.id.is_empty() {
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
        let Found { conflicts, conflicts_told, .. } = &mut self.found;
        conflicts.add_with(|| {
            let change = told(self.form, self.look, line, held, fields.unwrap_or_default());
            if tells {
                conflicts_told.add(at, &change);
            }
            Left { change, column: None, why }
        });
    }

    /// A document that is held, as the line would have it; nothing if that is what is held.
    fn changed(&mut self, line: &Named<'_>, held: &HeldDocument, around: &Around) -> Result<Option<Document>, Not> {
        let (filled, definition) = (line.filled, self.definition());
        line.about_the_same(&held.document)?;
        let before = held.given();
        let laid = filled.over(definition, &before);
        if laid.given == *before {
            return Ok(None);
        }
        saving::is_ours_to_fill(held, &self.own)?;
        saving::may_change(held, &self.own)?;
        if held.newest.is_some() || held.form.edition() != self.form.edition() {
            let zh = "此单据按表单的旧版填报，不能用新版的表导入；请先打开单据改用新版，或在单据页面修改";
            let en = "it is filled in under an earlier release of the form; move it to the new one, or change its page";
            return Err(Not::Refused(Words::new(zh, en), None));
        }
        if !filled.is_of(&held.version()) {
            return Err(Not::Conflict(laid));
        }
        self.open(held.state(), &before, &laid.given)?;
        let ours = held.ours(&self.own, &laid.given);
        let checked = around.checked(held, &ours);
        match saving::saved(held, checked, &ours, self.look.by, self.at) {
            Ok(document) if document.given == held.document.given => Ok(None),
            Ok(document) => Ok(Some(document)),
            Err(FormError::Unreadable(problems)) => Err(Not::Unreadable(problems, laid)),
            Err(error) => Err(error.into()),
        }
    }

    /// A document that begins.
    fn begun(&mut self, line: &Named<'_>, around: &Around) -> Result<Option<Document>, Not> {
        let (filled, definition) = (line.filled, self.definition());
        line.new_here(definition, &self.own)?;
        let laid = filled.over(definition, &BTreeMap::new());
        self.open(definition.flow.first(), &BTreeMap::new(), &laid.given)?;
        let meant = !filled.id.is_empty() || definition.subject.several;
        let id = Some(line.id.as_str()).filter(|_| meant);
        let asked = (filled.subject.as_str(), filled.period.as_str(), id);
        match begin::draft(around, self.form, asked, &laid.given, (self.look.by, self.at)) {
            Ok(document) => Ok(Some(document)),
            Err(FormError::Unreadable(problems)) => Err(Not::Unreadable(problems, laid)),
            Err(FormError::Subject { zh, en }) => {
                let known = around.subject(&definition.subject.of, filled.subject.trim()).is_ok();
                Err(Not::Refused(Words::new(zh, en), (!known).then_some(Name::Subject)))
            }
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
        let seen = Seen { state, author: &self.own, bureau: &self.own };
        let shut = || definition.locked(&seen).into_iter().collect();
        let shut: &Vec<String> = self.shut.entry(state.to_owned()).or_insert_with(shut);
        let found =
            shut.iter().find(|place| differs(place, before, after)).and_then(|place| definition.field_at(place));
        match found {
            None => Ok(()),
            Some(field) => {
                let zh = format!("“{}”现在不由本级填写，请保持原值", field.title);
                let en = format!("{} is not filled in here at present; leave it as it was", field.called(Lang::En));
                Err(Not::Refused(Words::new(zh, en), None))
            }
        }
    }

    /// Tells of a value that cannot be read at its cell.
    fn unreadable(&mut self, line: u64, problem: &FieldProblem, laid: &Laid) {
        let place = &problem.place;
        let table = place.row.as_ref().map_or("", |_| place.field.as_str());
        let sheet = self.filled.sheets.iter().position(|sheet| sheet.rows == table).unwrap_or_default();
        let row = place.row.as_ref().and_then(|id| match laid.given.get(&place.field) {
            Some(Given::Rows(rows)) => rows.iter().position(|row| row.id == *id),
            _ => None,
        });
        let line = row.and_then(|at| laid.lines.get(&place.field)?.get(at).copied()).unwrap_or(line);
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
        self.found.faults.add_with(|| TableFault { sheet, line, column, found: beginning(&found), says });
    }
}

/// Whether a place, `paid` or `roads.paid`, holds something else.
fn differs(place: &str, before: &BTreeMap<String, Given>, after: &BTreeMap<String, Given>) -> bool {
    let Some((rows, inner)) = place.split_once('.') else { return before.get(place) != after.get(place) };
    let rows_of = |given: &'_ BTreeMap<String, Given>| match given.get(rows) {
        Some(Given::Rows(rows)) => rows.clone(),
        _ => Vec::new(),
    };
    // A row that goes takes its cells along.
    let held: BTreeMap<String, Option<String>> =
        rows_of(before).into_iter().map(|mut row| (row.id, row.cells.remove(inner))).collect();
    rows_of(after).iter().any(|row| row.cells.get(inner) != held.get(&row.id).and_then(Option::as_ref))
}

/// A line as a preview tells it.
fn told(
    form: &HeldForm,
    look: &Look<'_>,
    line: &Named<'_>,
    held: Option<&HeldDocument>,
    fields: Vec<FieldChange>,
) -> Change {
    let filled = line.filled;
    let name = held.map_or(filled.subject.as_str(), |held| held.document.subject_name.as_str());
    let period = held.map_or(filled.period.as_str(), |held| held.document.period.as_str());
    let period = form.definition.subject.per.shown(period, look.lang);
    let name = [name, period.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let key = held.map_or(filled.id.clone(), |held| held.document.id.clone());
    Change { line: filled.line, key, name, what: if held.is_some() { What::Changed } else { What::Added }, fields }
}
