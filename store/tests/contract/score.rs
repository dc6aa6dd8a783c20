//! Scores are replaced as a whole.

use tongpin_domain::moment::Moment;
use tongpin_store::ScoreRow;

use super::ground::{on_each, region};

/// What is not among the new scores is gone; a score without a total is not a zero.
#[tokio::test]
async fn replaced_as_a_whole() {
    on_each(async |store| {
        let score = |code: &str, total: Option<&str>| ScoreRow {
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
            sheet: "{}".into(),
            at: Moment(1),
        };
        store.replace_scores(&[score("P1", Some("93.32")), score("P2", None)]).await.unwrap();
        assert_eq!(store.score("P2").await.unwrap().map(|score| score.total), Some(None));
        store.replace_scores(&[score("P3", Some("60.00")), score("P1", Some("93.33"))]).await.unwrap();
        assert_eq!(store.scores().await.unwrap(), [score("P1", Some("93.33")), score("P3", Some("60.00"))]);
        assert_eq!(store.score("P2").await.unwrap(), None);
        store.replace_scores(&[]).await.unwrap();
        assert_eq!(store.scores().await.unwrap(), []);
    })
    .await;
}
