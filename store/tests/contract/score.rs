//! Scores are replaced as a whole, or one by one.

use tongpin_domain::moment::Moment;
use tongpin_store::ScoreRow;

use super::ground::{on_each, region};

fn score(code: &str, total: Option<&str>) -> ScoreRow {
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
        sheet: "{}".into(),
        at: Moment(1),
    }
}

/// What is not among the new scores is gone; a score without a total is not a zero.
#[tokio::test]
async fn replaced_as_a_whole() {
    on_each(async |store| {
        store.replace_scores(&[score("P1", Some("93.32")), score("P2", None)]).await.unwrap();
        assert_eq!(store.score("P2").await.unwrap().map(|score| score.total), Some(None));
        store.replace_scores(&[score("P3", Some("60.00")), score("P1", Some("93.33"))]).await.unwrap();
        assert_eq!(store.scores().await.unwrap(), [score("P1", Some("93.33")), score("P3", Some("60.00"))]);
        assert_eq!(store.score("P2").await.unwrap(), None);
        assert_eq!(store.scored_codes().await.unwrap(), ["P1", "P3"]);
        store.replace_scores(&[]).await.unwrap();
        assert_eq!(store.scores().await.unwrap(), []);
    })
    .await;
}

/// One project's score is written anew in every column, and the others stay.
#[tokio::test]
async fn one_by_one() {
    on_each(async |store| {
        store.replace_scores(&[score("P1", Some("93.32")), score("P2", None)]).await.unwrap();
        let anew = ScoreRow {
            author: region("320581102"),
            region: region("320582"),
            fund_code: "F02".into(),
            rating: "良".into(),
            rules_publisher: "320581".into(),
            rules_key: "other".into(),
            rules_release: 3,
            reason_missing: true,
            sheet: "{\"a\":1}".into(),
            at: Moment(2),
            ..score("P2", Some("80.00"))
        };
        store.put_scores(&[anew.clone(), score("P3", None)]).await.unwrap();
        assert_eq!(store.scores().await.unwrap(), [score("P1", Some("93.32")), anew, score("P3", None)]);
        let some = store.scores_of(&["P3", "P1", "none"]).await.unwrap();
        assert_eq!(some, [score("P1", Some("93.32")), score("P3", None)]);
    })
    .await;
}
