//! Letting a county in: a token that works once, on a sheet that is shown once.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{Field, Fields, PageError, PageFailure as _, Posted, Tone, notice, qr, token};
use tongpin_domain::lang::Lang;
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_link::admin::{self, Invited};

use super::super::Context;
use super::{ADDRESS, show};
use crate::failure::Failure;
use crate::ops::invite::checked_address;

/// Days that a token is good for, unless another number is typed, and the most.
const DAYS: u32 = 7;
const MOST_DAYS: u32 = 30;

/// What is wrong with each field, empty where nothing is.
#[derive(Default)]
struct Wrong {
    region: String,
    address: String,
    days: String,
}

/// The form as it was filled in.
#[derive(Default)]
pub(super) struct Form {
    typed: Fields,
    wrong: Wrong,
}

/// The form as it was filled in.
pub(super) fn form(cx: &Context, regions: &Regions, form: &Form) -> Markup {
    let (lang, Form { typed, wrong }) = (cx.lang(), form);
    let own = cx.app.site.region();
    let below: Vec<_> = regions.iter().filter(|region| region.parent_code == own).collect();
    let hint = if below.is_empty() {
        lang.pick("6 位区划代码，如 320581", "a code of six digits, such as 320581").to_owned()
    } else {
        let list: Vec<String> = below.iter().map(|region| format!("{} {}", region.code, region.name)).collect();
        list.join(lang.pick("，", ", "))
    };
    let address = typed.text("address");
    let region = Field {
        name: "region",
        label: lang.pick("区划代码", "Region"),
        value: typed.text("region"),
        hint: &hint,
        error: &wrong.region,
        ..Field::default()
    };
    let address = Field {
        name: "address",
        label: lang.pick("对方连接本平台的地址", "Where it connects to"),
        value: if address.is_empty() { &cx.app.settings.common.public_address } else { address },
        hint: lang.pick("主机:端口，如 10.0.0.1:7401", "host:port, such as 10.0.0.1:7401"),
        error: &wrong.address,
        ..Field::default()
    };
    let default_days = DAYS.to_string();
    let days = typed.text("days");
    let days = Field {
        name: "days",
        label: lang.pick("加入码有效天数", "Days that the token is good for"),
        value: if days.is_empty() { &default_days } else { days },
        error: &wrong.days,
        ..Field::default()
    };
    html! {
        h2 { (lang.pick("邀请单位", "Invite")) }
        form.card method="post" action="/nodes/invite" {
            (token(&cx.signed))
            (region.draw()) (address.draw()) (days.draw())
            button.main { (lang.pick("生成加入码", "Make a token")) }
        }
    }
}

/// The page that the sheet is shown on. The sheet itself waits for the reader who made it, in memory alone.
pub(in crate::web) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    let lang = cx.lang();
    let body = html! {
        div.noprint {
            p.hint { (lang.pick("加入码只在生成后显示一次；没有留下的，请重新邀请，原加入码随即作废。",
                "A token is shown once, when it is made; whoever has lost it is invited again.")) }
            p { a href="/nodes" { (lang.pick("返回节点列表", "Back to the nodes")) } }
        }
    };
    Ok(cx.page(lang.pick("加入码", "Token")).show(&body))
}

/// Makes a token, and leads to the page that shows it, this once.
pub(in crate::web) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    let lang = cx.lang();
    let region = RegionCode::new(typed.text("region"));
    let address = checked_address(typed.text("address"));
    let days = typed.text("days").parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    let wrong = Wrong {
        region: region
            .as_ref()
            .err()
            .map_or_else(String::new, |_| lang.pick("应为 6 位区划代码", "a code of six digits").to_owned()),
        address: address.as_ref().err().map_or_else(String::new, |failure| failure.on_page(lang)),
        days: if days.is_some() { String::new() } else { lang.pick("1 至 30 天", "1 to 30").to_owned() },
    };
    let (Ok(region), Ok(address), Some(days)) = (region, address, days) else {
        let refusal = (StatusCode::UNPROCESSABLE_ENTITY, html! {});
        return show(&cx, Form { typed, wrong }, refusal, &Asked::at(ADDRESS)).await;
    };
    // The token itself is a secret, and is in no log.
    let detail = format!("{address}，{days} 天");
    let entry = cx.audit_entry("node_invite", region.as_str(), &detail);
    let by = cx.person().name;
    let step = admin::invite(&cx.app.site, &region, &address, days, &by);
    let invited = match cx.app.store().audited_as(&entry, step, |done| Some(done.is_ok())).await {
        Ok(invited) => invited,
        Err(error) => {
            let failure = Failure::from(error);
            let form = Form { typed, wrong: Wrong { region: failure.on_page(lang), ..Wrong::default() } };
            let refusal = (failure.status(), html! {});
            return show(&cx, form, refusal, &Asked::at(ADDRESS)).await;
        }
    };
    let regions = cx.app.regions().await?;
    Ok(cx.led_to("/nodes/invite", &sheet(&invited, &region, &regions.name(&region), lang)))
}

/// The sheet that is handed over.
fn sheet(invited: &Invited, region: &RegionCode, name: &str, lang: Lang) -> Markup {
    let text = invited.token.text();
    html! {
        div.noprint { (notice(Tone::Good, lang.pick("请打印或抄录后当面交给对方；此页离开后不再显示，加入码用过即失效。",
            "Print it and hand it over in person; it is not shown again, and works once."))) }
        @for remark in invited.remarks(region, lang) { (notice(Tone::Warn, &remark)) }
        dl {
            div { dt { (lang.pick("单位", "Node")) } dd { (name) " " (invited.token.region) } }
            div { dt { (lang.pick("连接地址", "Connects to")) } dd { (invited.token.address) } }
            div { dt { (lang.pick("有效期至", "Good until")) } dd { (invited.expires_at) } }
        }
        h2 { (lang.pick("加入码", "Token")) }
        p { code { (text) } }
        (qr(&text, lang.pick("加入码的二维码", "QR code of the token")))
        p { (lang.pick("在该单位的机器上运行：", "On its machine run: ")) code { "tongpin-node join @token.txt" }
            (lang.pick("（token.txt 里放上面的加入码）", " (with the token in token.txt)")) }
    }
}
