//! Two people filled in the same form: what the other saved beside what was typed here, so that a person decides.

use maud::{Markup, html};
use rust_decimal::Decimal;
use tongpin_console::web::Fields;
use tongpin_domain::lang::Lang;
use tongpin_domain::number;

use super::filled::EXECUTION_REASON;
use crate::records::HeldProject;

/// One value that differs.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    place: String,
    theirs: String,
    typed: String,
}

/// Whatever differs between the lines as they are held now and what was typed; a line that is gone is shown too.
fn differences(held: &HeldProject, fields: &Fields, lang: Lang) -> Vec<Difference> {
    let mut found = Vec::new();
    let reason = held.project.execution_reason.trim();
    if let Some(typed) = fields.all(EXECUTION_REASON).next()
        && typed.replace("\r\n", "\n").trim() != reason
    {
        let place = lang.pick("执行率偏低的原因", "reason for the low execution").to_owned();
        found.push(Difference { place, theirs: reason.to_owned(), typed: typed.to_owned() });
    }
    let held = &held.lines;
    for line in held {
        let percent = line.qual_pct.map(|percent: Decimal| percent.normalize().to_string()).unwrap_or_default();
        let count = line.evidence_count.to_string();
        for (what, zh, en, theirs) in [
            ("actual", "实际完成值", "actual", line.actual.raw()),
            ("grade", "系数（%）", "coefficient", percent.as_str()),
            ("evidence", "佐证件数", "pieces of evidence", count.as_str()),
            ("reason", "偏差原因", "reason", line.deviation_reason.as_str()),
        ] {
            let name = super::filled::name(what, line.seq);
            let Some(typed) = fields.all(&name).next() else { continue };
            let same = typed.replace("\r\n", "\n").trim() == theirs.trim()
                || (what == "evidence" && number::whole(typed) == Some(line.evidence_count));
            if !same {
                let place = format!("{}. {} {}", line.seq, line.name, lang.pick(zh, en));
                found.push(Difference { place, theirs: theirs.to_owned(), typed: typed.to_owned() });
            }
        }
    }
    let gone = fields.text("lines").split(',').filter(|seq| !held.iter().any(|line| line.seq.to_string() == **seq));
    for seq in gone {
        for (what, zh, en) in [
            ("actual", "实际完成值", "actual"),
            ("evidence", "佐证件数", "pieces of evidence"),
            ("reason", "偏差原因", "reason"),
        ] {
            let typed = fields.text(&format!("{what}.{seq}")).to_owned();
            if !typed.is_empty() {
                let place = format!("{seq}. {}", lang.pick(zh, en));
                let theirs = lang.pick("（该项已被删除）", "(the line was removed)").to_owned();
                found.push(Difference { place, theirs, typed });
            }
        }
    }
    found
}

/// The table of the differences.
pub(super) fn draw(held: &HeldProject, fields: &Fields, lang: Lang) -> Markup {
    let found = differences(held, fields, lang);
    html! {
        @if found.is_empty() {
            p { (lang.pick("两份填写的内容相同；改动的是项目的其他内容。再次保存即可。",
                "What was typed is the same on both sides; save again.")) }
        } @else {
            h2 { (lang.pick("不一致之处", "What differs")) }
            div.wide { table {
                thead { tr {
                    th scope="col" { (lang.pick("项目指标", "value")) }
                    th scope="col" { (lang.pick("他人已保存", "saved by somebody else")) }
                    th scope="col" { (lang.pick("本次填写", "typed here")) }
                } }
                tbody { @for Difference { place, theirs, typed } in &found { tr {
                    th scope="row" { (place) }
                    td { (theirs) }
                    td { (typed) }
                } } }
            } }
            p.hint { (lang.pick("下表保留了本次填写的内容；改成需要的值后再次保存，将覆盖他人已保存的值。",
                "The form below holds what was typed here; saving it again takes the place of what the other saved.")) }
        }
    }
}
