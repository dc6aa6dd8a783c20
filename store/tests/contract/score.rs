//! Scores are replaced as a whole, or one by one.

use tongpin_domain::moment::Moment;
use tongpin_domain::project::{PROJECT, PROJECT_INDICATOR};
use tongpin_store::{ComputedScore, Keys, Put, RecordRow, ScoreRow, Store, bases, basis};

use super::ground::{on_each, region};

/// Scores, each with the basis that its project has now.
pub(super) async fn computed(store: &Store, rows: &[ScoreRow]) -> Vec<ComputedScore> {
    let mut computed = Vec::new();
    for row in rows {
        let code = row.project_code.as_str();
        let projects = store.records_at(PROJECT, Keys::One(code)).await.unwrap();
        let lines = store.records_at(PROJECT_INDICATOR, Keys::Below(code)).await.unwrap();
        computed.push(ComputedScore { row: row.clone(), basis: basis(code, &projects, &[&lines]) });
    }
    computed
}

/// Writes them all, and none is too old.
async fn replace(store: &Store, rows: &[ScoreRow]) {
    let computed = computed(store, rows).await;
    assert_eq!(store.replace_scores(&computed).await.unwrap(), [""; 0]);
}

pub(super) fn score(code: &str, total: Option<&str>) -> ScoreRow {
    ScoreRow {
        project_code: code.into(),
        author: region("320581101"),
        region: region("320581"),
        fund_code: "F01".into(),
        status: if total.is_some() { "SCORED" } else { "INCOMPLETE" }.into(),
        total: total.map(Into::into),
        rating: "优".into(),
        rules_publisher: "320500".into(),
        rules_key: "self-evaluation".into(),
        rules_release: 2,
        reason_missing: false,
        waiting: 0,
        sheet: "{}".into(),
        at: Moment(1),
    }
}

/// What is not among the new scores is gone; a score without a total is not a zero.
#[tokio::test]
async fn replaced_as_a_whole() {
    on_each(async |store| {
        replace(store, &[score("P1", Some("93.32")), score("P2", None)]).await;
        assert_eq!(store.score("P2").await.unwrap().map(|score| score.total), Some(None));
        assert_eq!(store.scores_imprint().await.unwrap(), (2, Some(2)));
        replace(store, &[score("P3", Some("60.00")), score("P1", Some("93.33"))]).await;
        assert_eq!(store.scores().await.unwrap(), [score("P1", Some("93.33")), score("P3", Some("60.00"))]);
        assert_eq!(store.score("P2").await.unwrap(), None);
        assert_eq!(store.scored_codes().await.unwrap(), ["P1", "P3"]);
        replace(store, &[]).await;
        assert_eq!(store.scores().await.unwrap(), []);
        assert_eq!(store.scores_imprint().await.unwrap(), (0, None));
    })
    .await;
}

/// One project's score is written anew in every column, and the others stay.
#[tokio::test]
async fn one_by_one() {
    on_each(async |store| {
        replace(store, &[score("P1", Some("93.32")), score("P2", None)]).await;
        let anew = ScoreRow {
            author: region("320581102"),
            region: region("320582"),
            fund_code: "F02".into(),
            rating: "良".into(),
            rules_publisher: "320581".into(),
            rules_key: "other".into(),
            rules_release: 3,
            reason_missing: true,
            waiting: 3,
            sheet: "{\"a\":1}".into(),
            at: Moment(2),
            ..score("P2", Some("80.00"))
        };
        let both = computed(store, &[anew.clone(), score("P3", None)]).await;
        assert_eq!(store.put_scores(&both).await.unwrap(), [""; 0]);
        assert_eq!(store.scores().await.unwrap(), [score("P1", Some("93.32")), anew, score("P3", None)]);
        let some = store.scores_of(&["P3", "P1", "none"]).await.unwrap();
        assert_eq!(some, [score("P1", Some("93.32")), score("P3", None)]);
    })
    .await;
}

/// A score that was computed before its project changed is not written over the one that was computed since, neither
/// alone nor with all others; a project without a newer score stays without one, and what is passed over is told.
#[tokio::test]
async fn an_older_score_does_not_win() {
    on_each(async |store| {
        let put = async |kind: &str, key: &str, body: &str| {
            let records = [RecordRow { kind: kind.into(), key: key.into(), body: Some(body.into()) }];
            store
                .put_records(&Put { own: &region("320581"), records: &records, at: Moment(0), log: false })
                .await
                .unwrap();
        };
        for code in ["P1", "P2", "P3"] {
            put(PROJECT, code, "{}").await;
            put(PROJECT_INDICATOR, &format!("{code}/001"), "{}").await;
        }
        // A line of another project, whose code goes on behind a stroke, is none of the first one's.
        put(PROJECT_INDICATOR, "P3/x/001", "{}").await;
        let old = [score("P1", Some("1.00")), score("P2", Some("1.00")), score("P3", Some("1.00"))];
        let slow = computed(store, &old).await;
        put(PROJECT_INDICATOR, "P1/001", r#"{"a":1}"#).await;
        put(PROJECT, "P2", r#"{"a":1}"#).await;
        put(PROJECT_INDICATOR, "P3/x/001", r#"{"a":1}"#).await;
        let edited = computed(store, &[score("P1", Some("2.00"))]).await;
        assert_eq!(store.put_scores(&edited).await.unwrap(), [""; 0]);
        let due = [score("P1", Some("2.00")), score("P3", Some("1.00"))];
        assert_eq!(store.put_scores(&slow).await.unwrap(), ["P1", "P2"]);
        assert_eq!(store.scores().await.unwrap(), due);
        assert_eq!(store.replace_scores(&slow).await.unwrap(), ["P1", "P2"]);
        assert_eq!(store.scores().await.unwrap(), due);

        let all = bases(
            &store.records(PROJECT, None).await.unwrap(),
            &[&store.records(PROJECT_INDICATOR, None).await.unwrap()],
        );
        let one_by_one = computed(store, &old).await;
        assert_eq!(one_by_one.iter().map(|it| all[&it.row.project_code]).collect::<Vec<_>>(), {
            one_by_one.iter().map(|it| it.basis).collect::<Vec<_>>()
        });
    })
    .await;
}
