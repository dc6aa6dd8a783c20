//! 目录: what the catalogs are called, and what may become one.

use tongpin_domain::catalog;
use tongpin_domain::guidance::NOTICES;

use crate::app::App;
use crate::failure::Failure;

/// A misspelt name must not become a catalog.
///
/// # Errors
/// [`Common::Input`], or the database cannot be read.
pub(crate) async fn check_name(app: &App, name: &str, new: bool) -> Result<(), Failure> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
        return Err(Failure::input(
            format!("“{name}”不能作目录名；请用小写字母、数字和连字符"),
            format!("{name:?} is no name for a catalog; use small letters, digits and hyphens"),
        ));
    }
    let known = catalog::KNOWN.contains(&name) || app.store().head(&app.catalog(name)).await?.is_some();
    if known || new {
        return Ok(());
    }
    let all = catalog::KNOWN.join("、");
    Err(Failure::input(
        format!("没有名为“{name}”的目录（内置的有 {all}）；确要新建一个目录，请加 --new"),
        format!("there is no catalog {name:?} (known: {}); add --new to make one", catalog::KNOWN.join(", ")),
    ))
}

/// A catalog by its name and what it is called: `indicators（指标库）`.
pub(crate) fn titled(catalog: &str) -> String {
    let title = match catalog {
        "rules" => "制度与规则",
        "procedures" => "流程与时间表",
        "indicators" => "指标库",
        "experts" => "专家库",
        "regions" => "区划",
        "funds" => "专项转移支付",
        "collections" => "归集任务",
        NOTICES => "通知与答复",
        _ => return catalog.to_owned(),
    };
    format!("{catalog}（{title}）")
}
