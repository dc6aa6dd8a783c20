//! What the draft of a catalog would become by an import, and making it so unless somebody worked on it meanwhile.

use std::collections::BTreeMap;

use tongpin_domain::catalog::{self, Changes, Entry};
use tongpin_domain::digest::Digest;
use tongpin_domain::intake::{DraftEntry, Problem, Words};
use tongpin_domain::lang::Lang;
use tongpin_store::{AuditDraft, Draft, DraftRow, Person, person};

use super::reading::problem;
use crate::app::App;
use crate::failure::Failure;

/// What becomes of the entries that a file lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// 只新增和更新: they stay.
    Merge,
    /// 整份替换: they retire.
    Replace,
}

impl Way {
    pub(crate) fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Merge => lang.pick("只新增和更新", "add and update only"),
            Self::Replace => lang.pick("整份替换", "replace the whole"),
        }
    }
}

/// What a catalog holds before an import.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) published: Vec<Entry>,
    /// The release that is in force, 0 for none.
    pub(crate) release: u64,
    pub(crate) draft: Option<Draft>,
}

/// What would become of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) way: Way,
    rows: Vec<DraftRow>,
    /// Against the draft if there is one, otherwise against what is published.
    pub(crate) changes: Changes,
    pub(crate) unchanged: usize,
    against_draft: bool,
}

impl Standing {
    /// What the catalog holds now.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn load(app: &App, catalog: &str) -> Result<Self, Failure> {
        let (store, id) = (app.store(), app.catalog(catalog));
        let (published, draft) = (store.entries(&id).await?, store.draft(&id).await?);
        Ok(Self { published, draft, release: store.head(&id).await?.map_or(0, |head| head.number) })
    }

    /// What an import begins with and is compared with: the draft if there is one.
    pub(crate) fn entries(&self) -> &[Entry] {
        self.draft.as_ref().map_or(&self.published, |draft| &draft.entries)
    }

    /// What this standing is known by: whoever confirms an import has seen exactly this.
    pub(crate) fn digest(&self, catalog: &str) -> Digest {
        let (release, draft) = (self.release.to_string(), self.draft.as_ref());
        let at = draft.map(|draft| draft.at.0.to_string()).unwrap_or_default();
        let draft = draft.map_or(Digest::NONE, Draft::digest).to_string();
        Digest::of_parts([catalog, &release, &at, &draft].map(str::as_bytes))
    }

    /// What the draft would be, with the read entries in place and others removed, sorted by key. To remove an unknown
    /// one is a problem.
    pub(crate) fn outcome(
        &self,
        accepted: &[(u64, DraftEntry)],
        way: Way,
        remove: &[String],
        problems: &mut Vec<Problem>,
    ) -> Outcome {
        let row = |entry: &Entry| (entry.key.clone(), DraftRow::from(entry.clone()));
        let mut rows: BTreeMap<String, DraftRow> = match way {
            Way::Merge => self.entries().iter().map(row).collect(),
            Way::Replace => BTreeMap::new(),
        };
        for key in remove {
            if rows.remove(key).is_none() {
                let expected = Words::new("草稿或已发布内容中已有的条目", "an entry of the draft or the catalog");
                problems.push(problem("--remove", 0, key, expected));
            }
        }
        for (_, DraftEntry { key, audience, body }) in accepted {
            let row = DraftRow { key: key.clone(), audience: audience.clone(), body: body.clone() };
            rows.insert(key.clone(), row);
        }
        let rows: Vec<DraftRow> = rows.into_values().collect();
        let after: Vec<Entry> = rows.iter().map(as_entry).collect();
        let changes = catalog::compare(self.entries(), &after);
        let unchanged = after.len().saturating_sub(changes.added.len() + changes.changed.len());
        Outcome { way, rows, changes, unchanged, against_draft: self.draft.is_some() }
    }

    /// Who has drafted then: whoever worked on a draft that goes on stays its drafter.
    pub(crate) fn drafters(&self, way: Way, by: &Person) -> Vec<Person> {
        match &self.draft {
            Some(draft) if way == Way::Merge => person::with(&draft.people, by.clone()),
            _ => vec![by.clone()],
        }
    }

    /// Stores an outcome as the draft, with its entry in the audit log; neither if somebody worked on the draft
    /// meanwhile, and says so.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub(crate) async fn keep(
        &self,
        app: &App,
        outcome: &Outcome,
        by: &Person,
        note: Option<String>,
        entry: &AuditDraft<'_>,
    ) -> Result<bool, Failure> {
        let (store, id) = (app.store(), app.catalog(entry.subject));
        let before = self.draft.as_ref().filter(|_| outcome.way == Way::Merge).map(|draft| draft.note.clone());
        let (by, note) = (self.drafters(outcome.way, by), note.or(before).unwrap_or_default());
        let now = app.site.now();
        let step = store.replace_seen_draft(&id, self.draft.as_ref(), &outcome.rows, &by, now, &note);
        Ok(store.audited_as(entry, step, |_| None).await?)
    }
}

impl Outcome {
    /// Whether the draft would be another than what there is.
    pub(crate) fn changes_something(&self) -> bool {
        let Changes { added, changed, retired } = &self.changes;
        !(added.is_empty() && changed.is_empty() && retired.is_empty())
    }

    /// What changes, in numbers. What a draft loses need not have been in use.
    pub(crate) fn said(&self, lang: Lang) -> String {
        let Changes { added, changed, retired } = &self.changes;
        let (added, changed, retired, unchanged) = (added.len(), changed.len(), retired.len(), self.unchanged);
        let (gone, removed) = if self.against_draft { ("去掉", "taken out") } else { ("停用", "retired") };
        let zh = format!("新增 {added} 条，修改 {changed} 条，{gone} {retired} 条，不变 {unchanged} 条");
        let en = format!("{added} added, {changed} changed, {retired} {removed}, {unchanged} unchanged");
        lang.pick(&zh, &en).to_owned()
    }
}

/// A drafted entry as it would be published.
fn as_entry(row: &DraftRow) -> Entry {
    Entry { key: row.key.clone(), audience: row.audience.clone(), release: 0, body: row.body.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongpin_domain::catalog::Audience;
    use tongpin_domain::moment::Moment;

    fn read(key: &str, body: &str) -> (u64, DraftEntry) {
        (1, DraftEntry { key: key.into(), audience: Audience::Everyone, body: body.into() })
    }

    fn entry(key: &str) -> Entry {
        Entry { key: key.into(), audience: Audience::Everyone, release: 3, body: "{}".into() }
    }

    fn keys(outcome: &Outcome) -> Vec<(&str, &str)> {
        outcome.rows.iter().map(|row| (row.key.as_str(), row.body.as_str())).collect()
    }

    /// Merging adds or replaces what the file has and leaves the others, replacing leaves none; removing an unknown
    /// entry is a problem instead of a silence.
    #[test]
    fn both_ways() {
        let standing = Standing { published: vec![entry("a"), entry("b"), entry("c")], release: 3, draft: None };
        let mut problems = Vec::new();
        let remove = ["c".to_owned(), "x".to_owned()];
        let file = [read("d", "{}"), read("a", "{\"v\":2}")];
        let merged = standing.outcome(&file, Way::Merge, &remove, &mut problems);
        assert_eq!(keys(&merged), [("a", "{\"v\":2}"), ("b", "{}"), ("d", "{}")]);
        assert_eq!(problems.iter().map(|problem| problem.found.as_str()).collect::<Vec<_>>(), ["x"]);
        assert_eq!(merged.said(Lang::Zh), "新增 1 条，修改 1 条，停用 1 条，不变 1 条");
        let replaced = standing.outcome(&file, Way::Replace, &[], &mut problems);
        assert_eq!(keys(&replaced), [("a", "{\"v\":2}"), ("d", "{}")]);
        assert_eq!(replaced.said(Lang::Zh), "新增 1 条，修改 1 条，停用 2 条，不变 0 条");
        assert!(!standing.outcome(&[read("b", "{}")], Way::Merge, &[], &mut problems).changes_something());
    }

    /// Where there is a draft, it is what a file is merged into and compared with; its drafter stays one unless the
    /// draft goes. Another draft or release is another standing.
    #[test]
    fn beside_a_draft() {
        let (by, people) = ("甲".to_owned(), vec![Person::named("甲")]);
        let draft = Draft { entries: vec![entry("n")], by, people, at: Moment(1), note: String::new() };
        let mut standing = Standing { published: vec![entry("a")], release: 3, draft: Some(draft) };
        let file = [read("a", "{}")];
        let merged = standing.outcome(&file, Way::Merge, &[], &mut Vec::new());
        assert_eq!(
            (keys(&merged), merged.said(Lang::Zh).as_str()),
            (vec![("a", "{}"), ("n", "{}")], "新增 1 条，修改 0 条，去掉 0 条，不变 1 条",)
        );
        let drafters = |way| person::told(&standing.drafters(way, &Person::named("乙")));
        assert_eq!((drafters(Way::Merge).as_str(), drafters(Way::Replace).as_str()), ("甲、乙", "乙"));
        let seen = standing.digest("regions");
        assert_ne!(seen, standing.digest("funds"));
        standing.draft.as_mut().expect("one").at = Moment(2);
        assert_ne!(seen, standing.digest("regions"));
    }
}
