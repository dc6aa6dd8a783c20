//! What catalogs (目录) are called.

use tongpin_domain::guidance::NOTICES;
use tongpin_domain::lang::Lang;

/// The trade's word for a catalog.
pub(crate) fn title(name: &str, lang: Lang) -> &str {
    let zh = match name {
        "rules" => "制度与规则",
        "procedures" => "流程与时间表",
        "indicators" => "指标库",
        "experts" => "专家库",
        "regions" => "区划",
        "funds" => "专项转移支付",
        "collections" => "归集任务",
        NOTICES => "通知与答复",
        other => other,
    };
    lang.pick(zh, name)
}
