//! 签名核验: who signed a report, whether the certificates held at that moment, whether the content is what was signed,
//! and whether the chain ends in the federation's root. Checked anew with every look.

use maud::{Markup, html};
use tongpin_console::web::{Tone, notice};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::Received;

use crate::ops::collected::Examined;

/// What was found, and on what it rests.
pub(super) fn section(examined: &Examined, received: &Received, lang: Lang) -> Markup {
    let verdict = if examined.signature.valid {
        notice(
            Tone::Good,
            lang.pick(
                "签名有效：由该单位签名，内容与签名时一致，证书链完整",
                "The signature holds: signed by the county, unchanged, with a sound chain",
            ),
        )
    } else {
        notice(
            Tone::Bad,
            &format!(
                "{}{}{}",
                lang.pick("签名无效：", "The signature does not hold: "),
                examined.signature.detail,
                lang.pick(
                    "。请停用这份上报的数，退回并联系该单位和系统管理员",
                    ". Do not use these figures: give the report back and call the county"
                ),
            ),
        )
    };
    html! {
        h2 { (lang.pick("签名核验", "The signature")) }
        (verdict)
        div.wide { table {
            thead { tr {
                th scope="col" { (lang.pick("核验什么", "What is checked")) }
                th scope="col" { (lang.pick("结果", "Result")) }
                th scope="col" { (lang.pick("依据", "What it rests on")) }
            } }
            tbody {
                (signer(examined, received, lang))
                (validity(examined, lang))
                (digest(examined, received, lang))
                (chain(examined, lang))
                (register(examined, lang))
            }
        } }
    }
}

fn line(what: &str, good: bool, found: &str, basis: &str) -> Markup {
    html! {
        tr {
            th scope="row" { (what) }
            td { span class=(if good { "mark good" } else { "mark bad" }) { (found) } }
            td { (basis) }
        }
    }
}

fn signer(examined: &Examined, received: &Received, lang: Lang) -> Markup {
    let signer = examined.papers.as_ref().map(|papers| &papers.signer);
    let same = signer.is_some_and(|signer| signer.region == received.region);
    let found = signer.map_or_else(|| lang.pick("读不出", "unreadable").to_owned(), |signer| signer.region.to_string());
    let basis = signer.map_or_else(String::new, |signer| {
        lang.pick(&format!("证书编号 {}", signer.serial), &format!("certificate {}", signer.serial)).to_owned()
    });
    line(lang.pick("签名单位", "Signer"), same, &found, &basis)
}

fn validity(examined: &Examined, lang: Lang) -> Markup {
    let at = examined.signed_at;
    let held = |from: Moment, to: Moment| from <= at && at <= to;
    let (good, basis) = examined.papers.as_ref().map_or((false, String::new()), |papers| {
        let signer = &papers.signer;
        let issuers = papers.issuers.iter().all(|issuer| held(issuer.not_before, issuer.not_after));
        let zh = format!("签名时刻 {at}；证书有效期 {} 至 {}", signer.not_before, signer.not_after);
        let en = format!("signed {at}; the certificate holds from {} to {}", signer.not_before, signer.not_after);
        (held(signer.not_before, signer.not_after) && issuers, lang.pick(&zh, &en).to_owned())
    });
    let found = if good {
        lang.pick("签名时有效", "held when it was signed")
    } else {
        lang.pick("签名时不在有效期内", "did not hold then")
    };
    line(lang.pick("证书有效期", "Validity"), good, found, &basis)
}

fn digest(examined: &Examined, received: &Received, lang: Lang) -> Markup {
    let good = examined.digest == Some(received.digest) && Digest::of(received.payload.as_bytes()) == received.digest;
    let found = if good {
        lang.pick("与收到时一致", "unchanged")
    } else {
        lang.pick("与签名时不同", "differs from what was signed")
    };
    line(lang.pick("内容摘要（SHA-256）", "Digest (SHA-256)"), good, found, &received.digest.to_string())
}

fn chain(examined: &Examined, lang: Lang) -> Markup {
    let links = examined.papers.as_ref().map_or(0, |papers| papers.issuers.len());
    let root = examined.root.short();
    let zh = format!("中间证书 {links} 个，根证书指纹 {root}");
    let en = format!("{links} issuers below the root {root}");
    let good = examined.signature.valid;
    let found = if good {
        lang.pick("通到本联邦的根", "ends in the federation's root")
    } else {
        lang.pick("见上面的原因", "see the reason above")
    };
    line(lang.pick("证书链与签名", "Chain and signature"), good, found, lang.pick(&zh, &en))
}

/// Whether this hub issued the certificate, and whether it was revoked: before the signing it would be a forgery, after
/// it the signature stands.
fn register(examined: &Examined, lang: Lang) -> Markup {
    let what = lang.pick("证书登记", "Register");
    let Some(issued) = &examined.issued else {
        let basis = lang
            .pick("可能由外部证书机构签发，或登记在较新的库中", "issued elsewhere, or registered in a newer database");
        return line(what, examined.signature.valid, lang.pick("本库没有登记", "not in this register"), basis);
    };
    match issued.revoked_at {
        None => line(what, true, lang.pick("未吊销", "not revoked"), &issued.issued_at.to_string()),
        Some(at) => {
            let zh = format!("{at} 吊销：{}", issued.reason);
            let en = format!("revoked {at}: {}", issued.reason);
            let before = at <= examined.signed_at;
            let found = if before {
                lang.pick("签名前已吊销", "revoked before it was signed")
            } else {
                lang.pick("签名后才吊销", "revoked after it was signed")
            };
            line(what, !before, found, lang.pick(&zh, &en))
        }
    }
}
