//! One tag for a language, whatever its source calls it: ISO 639-1 where that has a code, ISO 639-3 otherwise, and a script
//! (ISO 15924) only where one language is written in several. Regional variants, orthographies and dialects without a code of
//! their own are merged.

use crate::sources::scripts::Script;

/// ISO 639-3 (members of a macrolanguage that stand for it too), old codes and second codes, and the code used here.
const CODES: &str = "
    aar=aa abk=ab afr=af aka=ak twi=ak fat=ak tw=ak als=sq amh=am ara=ar arb=ar arg=an asm=as ava=av aym=ay ayr=ay aze=az azj=az bak=ba bam=bm bel=be
    ben=bn bik=bcl bis=bi bod=bo bos=bs bre=br bul=bg cat=ca ces=cs cha=ch che=ce chv=cv cmn=zh cos=co cym=cy dan=da deu=de div=dv dzo=dz ekk=et ell=el
    eng=en epo=eo est=et eus=eu ewe=ee fao=fo fas=fa fij=fj fil=tl fin=fi fra=fr fry=fy gaz=om gla=gd gle=ga glg=gl glv=gv grn=gn gug=gn guj=gu hat=ht
    hau=ha heb=he hin=hi hrv=hr hun=hu hye=hy ibo=ig ido=io iii=ii ike=iu in=id ina=ia ind=id isl=is ita=it iw=he jav=jv jpn=ja kal=kl kan=kn kat=ka
    kaz=kk khk=mn khm=km kin=rw kir=ky kmr=ku knc=kr kng=kg kor=ko kur=ku lao=lo lat=la lav=lv lin=ln lit=lt ltz=lb lug=lg lvs=lv mah=mh mal=ml mar=mr
    mkd=mk mlg=mg mlt=mt mly=ms mon=mn mri=mi msa=ms mya=my nav=nv nbl=nr ndo=ng nep=ne nld=nl nno=nn no=nb nob=nb npi=ne nya=ny oci=oc ori=or orm=om
    oss=os pan=pa pbu=ps pes=fa plt=mg pol=pl por=pt prs=fa pus=ps que=qu quz=qu roh=rm ron=ro run=rn rus=ru sag=sg san=sa sin=si slk=sk slv=sl sme=se
    smo=sm sna=sn som=so sot=st spa=es sqi=sq src=sc srd=sc srp=sr ssw=ss sun=su swa=sw swe=sv swh=sw tah=ty tam=ta tat=tt tel=te tgk=tg tgl=tl tha=th
    tir=ti ton=to tsn=tn tso=ts tuk=tk tur=tr uig=ug ukr=uk urd=ur uzb=uz uzn=uz ven=ve vie=vi wln=wa wol=wo xho=xh ydd=yi yid=yi yor=yo zha=za zho=zh
    zlm=ms zul=zu zyb=za";

/// Languages that are written in several scripts, and the script that goes without saying; where there is none, it is always said.
const USUAL: [(&str, Option<Script>); 11] = [
    ("az", Some(*b"Latn")),
    ("bs", Some(*b"Latn")),
    ("ckb", Some(*b"Arab")),
    ("ku", Some(*b"Latn")),
    ("mn", Some(*b"Cyrl")),
    ("ms", Some(*b"Latn")),
    ("sr", Some(*b"Cyrl")),
    ("tg", Some(*b"Cyrl")),
    ("tk", Some(*b"Latn")),
    ("ug", Some(*b"Arab")),
    ("uz", None),
];

/// The tag of a code as packages write it: `pt_BR`, `ca@valencia`, `zh-tw`, `sr@latin`, `azj_cyrl`, `cmn_hant`.
pub fn tag(code: &str) -> String {
    let mut parts = code.split(['-', '_', '@', '.']);
    let first = parts.next().unwrap_or_default().to_ascii_lowercase();
    let first = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let parts: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    let language = CODES.split_whitespace().find_map(|pair| pair.strip_prefix(first)?.strip_prefix('=')).unwrap_or(first);
    if language == "zh" {
        let is_traditional = parts.iter().any(|part| matches!(part.as_str(), "hant" | "tw" | "hk" | "mo"));
        return if is_traditional { "zh-Hant" } else { "zh-Hans" }.to_owned();
    }
    match parts.iter().find_map(|part| script(part)) {
        Some(script) => with_script(language, script),
        None => language.to_owned(),
    }
}

/// Is this language one of several scripts?
pub fn has_scripts(language: &str) -> bool {
    USUAL.iter().any(|(name, _)| *name == language)
}

/// The tag of a language of several scripts, written in this one; the tag of any other language as it is.
pub fn in_script(language: &str, script: Script) -> String {
    if has_scripts(language) { with_script(language, script) } else { language.to_owned() }
}

fn with_script(language: &str, script: Script) -> String {
    let is_usual = USUAL.iter().any(|(name, usual)| *name == language && *usual == Some(script));
    if is_usual { language.to_owned() } else { format!("{language}-{}", str::from_utf8(&script).unwrap_or_default()) }
}

/// The script that a part of a code names. Variants of four letters that are no scripts are not used by any source.
fn script(part: &str) -> Option<Script> {
    match part {
        "latin" => Some(*b"Latn"),
        "cyrillic" => Some(*b"Cyrl"),
        "han" => Some(*b"Hani"),
        _ if part.len() == 4 && part.bytes().all(|b| b.is_ascii_lowercase()) => {
            let mut script: Script = part.as_bytes().try_into().ok()?;
            script[0].make_ascii_uppercase();
            Some(script)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_all_sources_meet_in_one_tag() {
        for (code, wanted) in [
            ("pt_BR", "pt"),
            ("en-gb", "en"),
            ("es-mx", "es"),
            ("nb-no", "nb"),
            ("no", "nb"),
            ("nno", "nn"),
            ("fil", "tl"),
            ("ca@valencia", "ca"),
            ("ca-valencia", "ca"),
            ("hy-am", "hy"),
            ("pa_IN", "pa"),
            ("als", "sq"),
            ("swh", "sw"),
            ("deu_1996", "de"),
            ("gug", "gn"),
            ("ven2", "ve"),
            ("kmr@latin", "ku"),
            ("hsb", "hsb"),
            ("x", "x"),
        ] {
            assert_eq!(tag(code), wanted, "{code}");
        }
    }

    #[test]
    fn a_script_is_said_where_it_is_not_the_usual_one() {
        for (code, wanted) in [
            ("sr", "sr"),
            ("srp_cyrl", "sr"),
            ("sr@latin", "sr-Latn"),
            ("azj_latn", "az"),
            ("azj_cyrl", "az-Cyrl"),
            ("uzn_latn", "uz-Latn"),
            ("zlm_arab", "ms-Arab"),
            ("khk_mong", "mn-Mong"),
            ("fuf_adlm", "fuf-Adlm"),
            ("vie_han", "vi-Hani"),
            ("zh-cn", "zh-Hans"),
            ("zh_TW", "zh-Hant"),
            ("cmn_hans_beijing", "zh-Hans"),
            ("cmn_hant", "zh-Hant"),
        ] {
            assert_eq!(tag(code), wanted, "{code}");
        }
        assert_eq!(in_script("uz", *b"Cyrl"), "uz-Cyrl");
        assert_eq!(in_script("ckb", *b"Latn"), "ckb-Latn");
        assert_eq!(in_script("ckb", *b"Arab"), "ckb");
        assert_eq!(in_script("ja", *b"Hani"), "ja");
    }
}
