// Personal fields by their names, and what only looks like one.
import { describe, expect, it } from 'vitest';
import { hidingOf } from './personal-fields.ts';
import { createPseudonymiser } from './pseudonym.ts';

const hidings = (names: string, around = '') => names.split(' ').map((name) => hidingOf(name, around));
const all = (names: string, hiding: string | null) => names.split(' ').map(() => hiding);

describe('a field', () => {
  it.each([
    'psn_no certno mdtrt_cert_no phar_prac_cert_no insu_psn_no cert_num id_card id_card_no idNumber patient_id_no card_no card_sn',
    'tel mobile phone contact_tel agnter_tel telNo mobile_phone phone_number email wechat open_id passport_no 身份证号 患者手机号 sfzh',
  ])('that leads to one person is hashed: %s', (names) => {
    expect(hidings(names)).toEqual(all(names, 'hash'));
  });

  it.each([
    'psn_name phar_name bilg_dr_name coner_name sel_retn_opter_name patient_name insu_psn_name opter_name legal_rep_name full_name names',
    'brdy birth_date addr live_addr home_address 患者姓名 家庭住址 xm name',
  ])('of a name, an address or a day of birth is masked: %s', (names) => {
    expect(hidings(names)).toEqual(all(names, 'mask'));
  });

  it.each([
    'med_list_name medins_list_name item_name drug_name gen_name prod_name fixmedins_name medins_name hosp_name dept_name adm_dept_name',
    'manu_name prodentp_name spler_name supplier_name dise_name diag_name rule_name psn_type_name device_name file_name emp_name area_name',
    'opter gend age setl_id grid_no dev_no ip_addr manu_lotnum certificate_type hotel_stars mobile_app_version',
  ])('of anything else is kept: %s', (names) => {
    expect(hidings(names)).toEqual(all(names, null));
  });

  it('that is called name alone is of what it stands in', () => {
    expect(hidings('name', 'contact')).toEqual(['mask']);
    expect(hidings('name', 'settlement')).toEqual(['mask']);
    expect([hidingOf('name', 'products'), hidingOf('name', 'institution'), hidingOf('name', 'drug')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe('a person', () => {
  const pseudonymiser = createPseudonymiser('test key');

  it('is masked as a text, in a list too, and looked into as an object', () => {
    expect(
      pseudonymiser.mask({ contact: '张三丰', patient: { name: '李四光', ward: '3' }, guardian: ['王五一'] }),
    ).toEqual({ contact: '张**', patient: { name: '李**', ward: '3' }, guardian: ['王**'] });
  });

  it('in a value of any shape is hidden, and a value without one is left as it is', () => {
    const hours = { wed: ['08:00-20:00'], mon: [] };
    expect(pseudonymiser.maskWithin(hours)).toBe(hours);
    expect(pseudonymiser.maskWithin('08:00-20:00')).toBe('08:00-20:00');
    expect(pseudonymiser.maskWithin({ ...hours, contact: { psn_name: '张三丰', tel: '13800001111' } })).toEqual({
      ...hours,
      contact: { psn_name: '张**', tel: pseudonymiser.person('13800001111') },
    });
  });
});
