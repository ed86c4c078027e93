// Which fields beside those that the contract names hold personal data, told by their names: national ones, their kin, common words.

/** `hash`: whatever stands there; `mask`: likewise, and of a text the first character stays; `maskText`: texts alone, other values are looked into. */
export type Hiding = 'hash' | 'mask' | 'maskText' | null;

/** What leads to one person: numbers of persons, papers and cards, telephones, accounts. */
const HASHED =
  /(psnno|certno|certnum|certnumber|certcode|idcard(no|num|number)?|(^|psn|person|patient|patn|agent|agnter|holder|user)(idno|idnum|idnumber)|identityno|identitynumber|cardno|cardnum|cardnumber|cardsn|passport(no|num|number)?|(tel|telephone|mobile|phone|cellphone)(no|num|number)?|email(addr|address)?|wechat(id)?|openid|unionid|faceid|patientid|patientno|sfzh|sfzhm|sjh|sjhm|lxdh)$|身份证|证件号|卡号|手机|电话|联系方式/u;
const MASKED = /(addr|address|brdy|birthday|birthdate|dateofbirth)$|^xm$|姓名|地址|住址|出生/u;
const NAME = /names?$/;
const PERSONS = /^(contact|contacts|contactperson|linkman|coner|patient|guardian|spouse|联系人|患者|监护人)$/u;

/** What has a name and is no person: how that begins which stands before `name`, or the field around it, ends. */
const THINGS = new RegExp(
  `(${[
    '^gen|item|medlist|medinslist|hilist|druglist|drug|medicine|prod|product|goods|generic|trade|brand|spec|dosform|material|pack',
    'ins|institution|organization|org|orgn|hosp|hospital|clinic|pharmacy|store|shop|company|corp|entp|enterprise|emp|employer|unit|agency|bank',
    'manu|manufacturer|supplier|spler|vendor|producer|dept|department|room|bed|counter|window',
    'dise|disease|diag|diagnosis|symptom|oprn|oprt',
    'area|admdvs|city|county|province|town|district|street|region|grid|place|site',
    'device|dev|camera|terminal|channel|recorder|host|domain|file|path|url',
    'rule|type|kind|class|category|level|status|state|code|field|column|table|batch|event|source|system|sys|service|software|app|model|version|plan|project|interface|inf',
  ].join('|')})s?$`,
);
const NO_LETTER_OR_DIGIT = /[^\p{L}\p{N}]/gu;
/** Names of fields come from outside: so many are remembered at most. */
const MAX_REMEMBERED = 10_000;
const remembered = new Map<string, Hiding>();

/**
 * How the value of a field is hidden.
 * @param around the field that it stands in, the type of the event for a field of its own, or an empty text: a bare `name` is of that
 */
export function hidingOf(name: string, around: string): Hiding {
  const key = `${around} ${name}`;
  let hiding = remembered.get(key);
  if (hiding === undefined) {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    hiding = tell(lettersOf(name), lettersOf(around));
    remembered.set(key, hiding);
  }
  return hiding;
}

function tell(field: string, around: string): Hiding {
  if (HASHED.test(field)) return 'hash';
  if (MASKED.test(field)) return /(ip|mac)addr(ess)?$/.test(field) ? null : 'mask';
  if (PERSONS.test(field)) return 'maskText';
  if (!NAME.test(field)) return null;
  const of = field.replace(NAME, '') || around;
  return THINGS.test(of) ? null : 'mask';
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(NO_LETTER_OR_DIGIT, '');
}
