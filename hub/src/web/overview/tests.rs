//! Shows how regions are counted over the collections that take reports.

use tongpin_domain::rollup::{Coverage, Unit};

use super::*;
use crate::ops::status::NodeCounts;

fn code(text: &str) -> RegionCode {
    RegionCode::new(text).expect("a code")
}

fn units(codes: &[&str]) -> Vec<Unit> {
    codes.iter().map(|text| Unit { code: code(text), name: (*text).to_owned() }).collect()
}

fn row(id: &str, open: bool, coverage: Coverage) -> collections::Row {
    collections::Row {
        id: id.into(),
        title: id.into(),
        period: "2024".into(),
        due: "2025-03-31".into(),
        deadline: Moment(0),
        release: 1,
        open,
        coverage,
    }
}

fn mark(collection: &str, region: &str, revision: u64, verdict: Verdict) -> ReportMark {
    ReportMark { collection: collection.into(), region: code(region), revision, received_at: Moment(1), verdict }
}

fn seen(collections: Vec<collections::Row>, marks: Vec<ReportMark>) -> Overview {
    Overview {
        status: Status {
            region: code("320500"),
            name: "苏州市".into(),
            software: "",
            data: std::path::PathBuf::new(),
            incarnation: String::new(),
            database_bytes: 0,
            root_fingerprint: String::new(),
            certificate_ends: Moment(0),
            serving: None,
            clock_jump: None,
            catalogs: Vec::new(),
            nodes: NodeCounts::default(),
            collections,
        },
        nodes: Vec::new(),
        regions: Regions::new(Vec::new()),
        marks,
        unanswered: (0, None),
        now: Moment(0),
    }
}

/// Two open collections and a closed one, which does not count. 常熟 reported one late, of which a newer revision waits
/// for review, and misses the other; 张家港's newest report was given back, an earlier return of 常熟 has been replaced;
/// 昆山's only sound report waits, and the check returned a later one, which is not taken for its newest.
#[test]
fn reporting_of_a_region() {
    let first = Coverage {
        asked: 3,
        reported: units(&["320581"]),
        awaiting: units(&["320581", "320583"]),
        missing: units(&["320582"]),
        late: units(&["320581"]),
        left_out: Vec::new(),
        overdue: true,
    };
    let missing = |overdue| Coverage {
        asked: 1,
        reported: Vec::new(),
        awaiting: Vec::new(),
        missing: units(&["320581"]),
        late: Vec::new(),
        left_out: Vec::new(),
        overdue,
    };
    let (second, closed) = (missing(false), missing(true));
    let marks = vec![
        mark("a", "320581", 1, Verdict::Returned),
        mark("a", "320581", 2, Verdict::Accepted),
        mark("a", "320582", 1, Verdict::Accepted),
        mark("a", "320582", 2, Verdict::Returned),
        mark("a", "320583", 1, Verdict::Received),
        mark("a", "320583", 2, Verdict::Returned),
        mark("c", "320581", 1, Verdict::Returned),
    ];
    let seen = seen(vec![row("a", true, first), row("b", true, second), row("c", false, closed)], marks);
    let reporting = seen.reporting();
    let changshu = Reporting { due: 2, received: 1, awaiting: 1, late: 1, ..Reporting::default() };
    let zhangjiagang = Reporting { due: 1, returned: 1, overdue: 1, ..Reporting::default() };
    let kunshan = Reporting { due: 1, awaiting: 1, ..Reporting::default() };
    let expected = [(code("320581"), changshu), (code("320582"), zhangjiagang), (code("320583"), kunshan)];
    assert_eq!(reporting, BTreeMap::from(expected));
}

/// A county counts from the day of its first accepted report on, a returned one not at all, and a day is China's: at
/// 16:00 UTC the next one begins.
#[test]
fn reports_over_time() {
    let midnight = Moment(1_774_886_400_000);
    let at = |region: &str, revision: u64, verdict: Verdict, received_at: Moment| ReportMark {
        received_at,
        ..mark("a", region, revision, verdict)
    };
    let marks = vec![
        at("320581", 1, Verdict::Accepted, midnight.plus_seconds(-1)),
        at("320581", 2, Verdict::Accepted, midnight),
        at("320582", 1, Verdict::Accepted, midnight),
        at("320583", 1, Verdict::Returned, midnight),
    ];
    let drawn = trend::reports(&seen(Vec::new(), marks), Lang::Zh).expect("reports came").into_string();
    assert!(drawn.contains("<th scope=\"row\">2026-03-30</th><td class=\"number\">1</td>"), "{drawn}");
    assert!(drawn.contains("<th scope=\"row\">2026-03-31</th><td class=\"number\">2</td>"), "{drawn}");
    assert!(trend::reports(&seen(Vec::new(), Vec::new()), Lang::Zh).is_none());
}
