//! 分批推送: who gets the newest release of a catalog, in waves.

use tongpin_domain::region::RegionCode;
use tongpin_store::AuditDraft;

use crate::app::App;
use crate::failure::Failure;

/// Rolls the newest release of a catalog out to these regions too, or to everybody if none is named, and tells its
/// number. Whom it went to is the detail of the audit entry.
///
/// # Errors
/// Nothing is published, a region is not inside the city, or the database cannot be written.
pub(crate) async fn widen(app: &App, catalog: &str, to: &[RegionCode], entry: &AuditDraft<'_>) -> Result<u64, Failure> {
    let id = app.catalog(catalog);
    let number = newest(app, catalog).await?;
    let to = wave(app, to).await?;
    let (store, detail) = (app.store(), format!("第 {number} 版：{}", entry.detail));
    let entry = AuditDraft { detail: &detail, ..*entry };
    store.audited(&entry, store.allow(&id, number, to.as_deref(), app.site.now())).await?;
    Ok(number)
}

pub(crate) async fn newest(app: &App, catalog: &str) -> Result<u64, Failure> {
    let head = app.store().head(&app.catalog(catalog)).await?;
    head.map(|head| head.number).ok_or_else(|| {
        Failure::input(
            format!("目录 {catalog} 还没有发布过；请先用 publish 发布"),
            format!("nothing of {catalog} is published; publish it first"),
        )
    })
}

/// The regions of a wave, each inside the city; `None` for everybody.
///
/// # Errors
/// What is named will not do.
pub(crate) async fn wave(app: &App, to: &[RegionCode]) -> Result<Option<Vec<RegionCode>>, Failure> {
    let wanted = inside(&app.site.region(), to)?;
    match wanted {
        Some(wanted) => Ok(Some(app.site.addressed(&wanted).await?)),
        None => Ok(None),
    }
}

pub(crate) fn inside(own: &RegionCode, to: &[RegionCode]) -> Result<Option<Vec<RegionCode>>, Failure> {
    if let Some(outside) = to.iter().find(|region| !region.within(own) || *region == own) {
        return Err(Failure::input(
            format!("{outside} 不在本级 {own} 的辖区之内；请核对区划代码"),
            format!("{outside} does not lie within {own}; check the code"),
        ));
    }
    let mut regions = to.to_vec();
    regions.sort();
    regions.dedup();
    Ok((!regions.is_empty()).then_some(regions))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows that a wave is sorted and without repeats, that none means everybody, and that neither another city's
    /// county nor the city itself can be in it.
    #[test]
    fn waves() {
        let code = |text: &str| RegionCode::new(text).expect("a code");
        let own = code("320500");
        let wave = |list: &[&str]| inside(&own, &list.iter().map(|text| code(text)).collect::<Vec<_>>()).ok();
        assert_eq!(wave(&[]), Some(None));
        let both = Some(Some(vec![code("320581"), code("320583")]));
        assert_eq!(wave(&["320583", "320581", "320583"]), both);
        assert_eq!(wave(&["320581", "320102"]), None);
        assert_eq!(wave(&["320500"]), None);
    }
}
