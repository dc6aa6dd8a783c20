//! What documents stand in: what they can be about, what they are filled with from it so that nobody types it (自动带出),
//! and what their figures are calculated with. Read once, for one document or for many.

use std::collections::BTreeMap;

use tongpin_domain::form::{Definition, Facts, Given, SubjectOf, Values};
use tongpin_domain::project::Project;
use tongpin_domain::region::RegionCode;
use tongpin_store::StoreError;

use super::{Checked, FormError, HeldDocument, facts};
use crate::app::App;
use crate::{guidance, records};

/// What documents stand in.
pub(super) struct Around {
    /// This bureau.
    pub(super) own: RegionCode,
    facts: Facts,
    projects: BTreeMap<String, Project>,
    /// What this bureau or the funds are called, where documents are about them.
    named: BTreeMap<String, String>,
}

impl Around {
    /// What some documents that are held stand in.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(super) async fn held(app: &App, documents: impl Iterator<Item = &HeldDocument>) -> Result<Self, StoreError> {
        let own = app.site.region();
        let of_project = |it: &&HeldDocument| {
            let definition = &it.form.definition;
            definition.subject.of == SubjectOf::Project && is_filled(definition) && is_read_anew(it, &own)
        };
        let documents: Vec<&HeldDocument> = documents.collect();
        let about = documents.iter().copied().filter(of_project);
        let mut subjects: Vec<&str> = about.map(|it| it.document.subject.as_str()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let facts = facts(app.store(), documents.iter().map(|it| &it.form.definition)).await?;
        let mut around = Self { facts, own, projects: BTreeMap::new(), named: BTreeMap::new() };
        around.projects(app, &subjects).await?;
        Ok(around)
    }

    /// What new documents of a form about these subjects would stand in, and with them some that are held, under
    /// whatever release.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(super) async fn new(
        app: &App,
        form: &Definition,
        held: &[HeldDocument],
        subjects: &[&str],
    ) -> Result<Self, StoreError> {
        let (store, own) = (app.store(), app.site.region());
        let facts = facts(store, std::iter::once(form).chain(held.iter().map(|it| &it.form.definition))).await?;
        let mut around = Self { facts, own, projects: BTreeMap::new(), named: BTreeMap::new() };
        match &form.subject.of {
            SubjectOf::Project => around.projects(app, subjects).await?,
            SubjectOf::Region => {
                let name = guidance::region_name(store, &around.own).await?;
                around.named.insert(around.own.to_string(), name);
            }
            SubjectOf::Fund => {
                let funds = guidance::funds(store).await?;
                around.named = funds.into_iter().map(|fund| (fund.code, fund.name)).collect();
            }
            _ => {}
        }
        Ok(around)
    }

    async fn projects(&mut self, app: &App, codes: &[&str]) -> Result<(), StoreError> {
        if !codes.is_empty() {
            let found = records::some(app.store(), codes).await?;
            self.projects.extend(found.into_iter().map(|project| (project.code.clone(), project)));
        }
        Ok(())
    }

    /// What a new document is about, with what that is called.
    pub(super) fn subject(&self, of: &SubjectOf, subject: &str) -> Result<(String, String), FormError> {
        let fault = |zh: String, en: &str| FormError::Subject { zh, en: en.to_owned() };
        Ok(match of {
            SubjectOf::Nothing => (String::new(), String::new()),
            SubjectOf::Region => {
                let own = &self.own;
                if !subject.is_empty() && subject != own.as_str() {
                    let zh = format!("地区代码“{subject}”不是本单位；此表各单位填本地区的，请改为 {own} 或留空");
                    let en = format!(
                        "{subject:?} is not this region, and each bureau fills in its own: write {own}, or nothing"
                    );
                    return Err(FormError::Subject { zh, en });
                }
                let name = self.named.get(self.own.as_str());
                (self.own.to_string(), name.cloned().unwrap_or_else(|| self.own.to_string()))
            }
            SubjectOf::Project => {
                let zh = || format!("本级没有代码为“{subject}”的项目；请核对，或先登记项目");
                let project = self.projects.get(subject).ok_or_else(|| fault(zh(), "no such project"))?;
                (project.code.clone(), project.name.clone())
            }
            SubjectOf::Fund => {
                let zh = || format!("没有代码为“{subject}”的专项资金；请从列表中选择");
                let name = self.named.get(subject).ok_or_else(|| fault(zh(), "no such fund"))?;
                (subject.to_owned(), name.clone())
            }
            SubjectOf::Unknown(word) => return Err(FormError::Unknown(vec![word.clone()])),
            SubjectOf::Department | SubjectOf::Unit | SubjectOf::Policy | SubjectOf::Task => {
                let plain =
                    !subject.is_empty() && subject.chars().count() <= 100 && !subject.contains(char::is_control);
                if !plain {
                    let of = of.text(tongpin_domain::lang::Lang::Zh);
                    return Err(fault(format!("请填写{of}名称，最长 100 个字"), "say what it is about"));
                }
                (subject.to_owned(), subject.to_owned())
            }
        })
    }

    /// What would be typed into a document, read and calculated.
    pub(super) fn checked(&self, held: &HeldDocument, given: &BTreeMap<String, Given>) -> Checked {
        let definition = &held.form.definition;
        let mut checked = self.read(held, given);
        if held.author == self.own && definition.is_divided(&self.own) {
            let below = definition.below(given);
            checked.blocked_below = (below != *given).then(|| self.read(held, &below).is_blocked());
        }
        checked
    }

    fn read(&self, held: &HeldDocument, given: &BTreeMap<String, Given>) -> Checked {
        let definition = &held.form.definition;
        let facts = self.facts.of_year(held.year());
        let mut checked = Checked::of(definition, given, &held.given(), self.filled(held), &facts);
        // What another level fills in, or this one in another state, is not missing here.
        checked.evaluated.missing.retain(|place| !definition.waits(&held.seen(&self.own), place));
        checked
    }

    /// What comes from elsewhere into a document. Where the document is kept, it is read anew; elsewhere it stands as
    /// it was handed on.
    fn filled(&self, held: &HeldDocument) -> Values {
        let definition = &held.form.definition;
        if !is_filled(definition) {
            return Values::new();
        }
        if !is_read_anew(held, &self.own) {
            return definition.filled(&held.document.derived);
        }
        let subject = BTreeMap::from([
            ("subject.code", held.document.subject.as_str()),
            ("subject.name", held.document.subject_name.as_str()),
        ]);
        let named = definition.fields.iter().filter_map(|field| {
            let text = subject.get(field.from.as_str()).filter(|text| !text.is_empty())?;
            Some((field.name.clone(), (*text).to_owned()))
        });
        let mut values = definition.filled(&named.collect());
        if definition.subject.of == SubjectOf::Project
            && let Some(project) = self.projects.get(&held.document.subject)
        {
            values.extend(definition.filled_from(project));
        }
        values
    }
}

/// Whether anything comes from elsewhere.
fn is_filled(definition: &Definition) -> bool {
    definition.fields.iter().any(|field| !field.from.is_empty())
}

/// Whether what comes from elsewhere into a document is read anew.
fn is_read_anew(held: &HeldDocument, own: &RegionCode) -> bool {
    held.author == *own && held.is_open(&held.author)
}
