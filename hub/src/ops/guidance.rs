//! 指导 at the city: the counties' questions with their answers, and publishing answers and notices.

use std::collections::BTreeMap;

use tongpin_domain::catalog::{Audience, Entry};
use tongpin_domain::digest::Digest;
use tongpin_domain::guidance::{NOTICES, Notice, Question};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_link::publish::{self, Separation};
use tongpin_store::{AuditDraft, DraftRow};

use crate::app::App;
use crate::failure::Failure;

/// A notice or an answer that is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published {
    /// What it says.
    pub(crate) notice: Notice,
    /// Whom it is for, sorted; one notice to several counties is an entry for each.
    pub(crate) to: Vec<Audience>,
}

/// A question that came, with every answer to it.
#[derive(Debug, Clone)]
pub(crate) struct Inquiry {
    /// What is asked.
    pub(crate) question: Question,
    /// When it came.
    pub(crate) received_at: Moment,
    /// Who of the roster shall look at it; empty for nobody.
    pub(crate) expert: String,
    /// Who said so.
    pub(crate) noted_by: String,
    /// The answers, the newest first.
    pub(crate) answers: Vec<Published>,
}

/// What is published, the newest first.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn notices(app: &App) -> Result<Vec<Published>, Failure> {
    let entries = app.store().entries(&app.catalog(NOTICES)).await?;
    let mut all: Vec<Published> = Vec::new();
    for entry in entries {
        match serde_json::from_str::<Notice>(&entry.body) {
            Err(error) => tracing::warn!(key = entry.key, %error, "a notice is passed over: it cannot be read"),
            Ok(notice) => match all.iter_mut().find(|one| one.notice == notice) {
                Some(same) => same.to.push(entry.audience),
                None => all.push(Published { notice, to: vec![entry.audience] }),
            },
        }
    }
    all.sort_by(|a, b| (b.notice.at, &b.notice.title).cmp(&(a.notice.at, &a.notice.title)));
    Ok(all)
}

/// When each region was last reminded of a collection (催报), under the code that it has now.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn reminded(app: &App, collection: &str) -> Result<BTreeMap<RegionCode, Moment>, Failure> {
    let (mut last, regions) = (BTreeMap::new(), app.regions().await?);
    // They come newest first, so that what stands there already is later.
    for one in notices(app).await?.into_iter().filter(|one| one.notice.reminds.as_deref() == Some(collection)) {
        for audience in one.to {
            if let Audience::Region(region) = audience {
                last.entry(regions.current(&region)).or_insert(one.notice.at);
            }
        }
    }
    Ok(last)
}

/// The questions, the newest first.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn questions(app: &App) -> Result<Vec<Inquiry>, Failure> {
    let notices = notices(app).await?;
    let mut all = Vec::new();
    for row in app.store().questions().await? {
        let what = format!("question {}", row.key);
        let question: Question =
            serde_json::from_str(&row.payload).map_err(|error| Failure::unreadable(what, &error))?;
        let to = |one: &&Published| one.notice.answers.as_ref() == Some(&question.key);
        let answers = notices.iter().filter(to).cloned().collect();
        let (received_at, expert, noted_by) = (row.received_at, row.expert, row.noted_by);
        all.push(Inquiry { question, received_at, expert, noted_by, answers });
    }
    Ok(all)
}

/// The rows that a notice adds to the catalog: one for everybody, or one for each region.
fn rows(notice: &Notice, to: &[RegionCode]) -> Result<Vec<DraftRow>, serde_json::Error> {
    let body = serde_json::to_string(notice)?;
    let digest: String = Digest::of(body.as_bytes()).to_string().chars().take(12).collect();
    if to.is_empty() {
        return Ok(vec![DraftRow { key: digest, audience: Audience::Everyone, body }]);
    }
    let row = |region: &RegionCode| DraftRow {
        key: format!("{digest}-{region}"),
        audience: Audience::Region(region.clone()),
        body: body.clone(),
    };
    Ok(to.iter().map(row).collect())
}

/// Publishes a notice as the next release of its catalog, to everybody or to some. It sets no rule, so that one person
/// may write and publish it; release, signature and roll-out are those of every catalog. `entry` is of the publication
/// and gets the release at the end of its detail; the draft that goes before it, and is left if the program dies in
/// between, has an entry of its own.
///
/// # Errors
/// Somebody else is at work on the catalog, or the database cannot be written.
pub(crate) async fn publish(
    app: &App,
    notice: &Notice,
    to: &[RegionCode],
    entry: &AuditDraft<'_>,
) -> Result<u64, Failure> {
    let (id, store) = (app.catalog(NOTICES), app.store());
    if let Some(draft) = store.draft_info(&id).await? {
        return Err(Failure::input(
            format!("“通知与答复”目录有 {} 未发布的草稿；请先在“目录发布”中发布或放弃它", draft.by),
            format!("there is a draft of notices by {}; publish or discard it under Catalogs first", draft.by),
        ));
    }
    let added = rows(notice, to).map_err(|error| Failure::unreadable("notice".to_owned(), &error))?;
    let before = store.entries(&id).await?.into_iter();
    let mut all: Vec<DraftRow> =
        before.map(|Entry { key, audience, body, .. }| DraftRow { key, audience, body }).collect();
    all.extend(added.iter().cloned());
    all.sort_by(|a, b| a.key.cmp(&b.key));
    let drafted = AuditDraft { action: "catalog_draft", subject: NOTICES, detail: &notice.title, ..*entry };
    store.audited(&drafted, store.replace_draft(&id, &all, notice.by.as_str(), app.site.now(), &notice.title)).await?;
    let published = sign(app, &notice.by, &added, entry).await;
    if published.is_err() {
        let discarded = AuditDraft { action: "catalog_discard", ..drafted };
        store.audited(&discarded, store.discard_draft(&id, None)).await?;
    }
    published
}

async fn sign(app: &App, by: &str, added: &[DraftRow], entry: &AuditDraft<'_>) -> Result<u64, Failure> {
    let publication = publish::prepare(&app.site, &app.catalog(NOTICES), by, Separation::NotAsked).await?;
    let mine = |entry: &Entry| added.iter().any(|row| row.key == entry.key && row.body == entry.body);
    let difference = &publication.difference;
    // Two people may write at the same moment: nobody's name may stand under what another wrote.
    if !difference.removals.is_empty()
        || difference.upserts.len() != added.len()
        || !difference.upserts.iter().all(mine)
    {
        return Err(Failure::input("同时有人在发布通知或答复，请再试一次", "somebody else is publishing; try again"));
    }
    let number = publication.signed.release.number;
    let about = if entry.detail.is_empty() { String::new() } else { format!("{}，", entry.detail) };
    let entry = AuditDraft { detail: &format!("{about}第 {number} 版"), ..*entry };
    app.store().audited(&entry, publish::commit(&app.site, publication, None)).await?;
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One entry for everybody, or one for each region that names it; the same words by the same person at the same
    /// moment get the same keys.
    #[test]
    fn entries_of_a_notice() {
        let notice = Notice {
            title: "培训".into(),
            text: "周三。".into(),
            by: "发布岗".into(),
            at: Moment(1),
            answers: None,
            reminds: None,
        };
        let code = |text: &str| RegionCode::new(text).expect("a code");
        let everyone = rows(&notice, &[]).expect("JSON");
        assert_eq!((everyone.len(), &everyone[0].audience), (1, &Audience::Everyone));
        assert!(!everyone[0].body.contains("answers") && !everyone[0].body.contains("reminds"), "{}", everyone[0].body);
        let some = rows(&notice, &[code("320581"), code("320582")]).expect("JSON");
        let audiences: Vec<String> = some.iter().map(|row| row.audience.to_string()).collect();
        assert_eq!(audiences, ["320581", "320582"]);
        assert_eq!(some[0].key, format!("{}-320581", everyone[0].key));
    }
}
