import type { AppDefinition } from '../../src/registry/types.js';

/** An app with keys of several columns, and references to unique columns that are no keys. */
export const shelf = {
  label: 'shelf',
  models: {
    Product: {
      naturalKey: ['name'],
      fields: {
        code: { type: 'CharField', maxLength: 20, unique: true },
        name: { type: 'CharField', maxLength: 30, unique: true },
      },
    },
    Line: {
      primaryKey: ['product', 'number'],
      fields: {
        product: { type: 'ForeignKey', to: 'shelf.product', onDelete: 'CASCADE' },
        number: { type: 'IntegerField' },
        note: { type: 'TextField' },
      },
    },
    Reading: {
      primaryKey: ['day', 'uid', 'at', 'amount', 'label', 'flag'],
      fields: {
        day: { type: 'DateField' },
        uid: { type: 'UUIDField' },
        at: { type: 'DateTimeField' },
        amount: { type: 'DecimalField', maxDigits: 8, decimalPlaces: 2 },
        label: { type: 'CharField', maxLength: 20 },
        flag: { type: 'BooleanField' },
      },
    },
    Watch: {
      primaryKey: ['user', 'product'],
      fields: {
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        product: { type: 'ForeignKey', to: 'shelf.product', onDelete: 'CASCADE' },
      },
    },
    Offer: {
      fields: {
        product: { type: 'ForeignKey', to: 'shelf.product', toField: 'code', onDelete: 'CASCADE' },
        user: { type: 'ForeignKey', to: 'auth.user', toField: 'username', null: true, onDelete: 'CASCADE' },
      },
    },
  },
} as const satisfies AppDefinition;

const uid = '00000000-0000-0000-0000-000000000005';
const at = '2020-01-02T03:04:05.678901';

/** What Django 5.2 writes of such rows, but for the last digits of moments in JSON, which it cuts. */
export const shelfDumps: Readonly<Record<'json' | 'jsonl' | 'xml' | 'yaml', string>> = {
  json: `[{"model": "shelf.product", "pk": 1, "fields": {"code": "A1", "name": "pen"}}, {"model": "shelf.line", "pk": [1, 1], "fields": {"product": 1, "number": 1, "note": "one"}}, {"model": "shelf.line", "pk": [1, 2], "fields": {"product": 1, "number": 2, "note": "two"}}, {"model": "shelf.reading", "pk": ["2020-01-02", "${uid}", "${at}Z", "1.50", "a \\"q\\" é", true], "fields": {"day": "2020-01-02", "uid": "${uid}", "at": "${at}Z", "amount": "1.50", "label": "a \\"q\\" é", "flag": true}}, {"model": "shelf.watch", "pk": [7, 1], "fields": {"user": 7, "product": 1}}, {"model": "shelf.offer", "pk": 1, "fields": {"product": "A1", "user": "anna"}}]`,
  jsonl: `{"model": "shelf.product","pk": 1,"fields": {"code": "A1","name": "pen"}}
{"model": "shelf.line","pk": [1,1],"fields": {"product": 1,"number": 1,"note": "one"}}
{"model": "shelf.line","pk": [1,2],"fields": {"product": 1,"number": 2,"note": "two"}}
{"model": "shelf.reading","pk": ["2020-01-02","${uid}","${at}Z","1.50","a \\"q\\" é",true],"fields": {"day": "2020-01-02","uid": "${uid}","at": "${at}Z","amount": "1.50","label": "a \\"q\\" é","flag": true}}
{"model": "shelf.watch","pk": [7,1],"fields": {"user": 7,"product": 1}}
{"model": "shelf.offer","pk": 1,"fields": {"product": "A1","user": "anna"}}
`,
  xml: `<?xml version="1.0" encoding="utf-8"?>
<django-objects version="1.0"><object model="shelf.product" pk="1"><field name="code" type="CharField">A1</field><field name="name" type="CharField">pen</field></object><object model="shelf.line" pk='["1", "1"]'><field name="product" rel="ManyToOneRel" to="shelf.product">1</field><field name="number" type="IntegerField">1</field><field name="note" type="TextField">one</field></object><object model="shelf.line" pk='["1", "2"]'><field name="product" rel="ManyToOneRel" to="shelf.product">1</field><field name="number" type="IntegerField">2</field><field name="note" type="TextField">two</field></object><object model="shelf.reading" pk='["2020-01-02", "${uid}", "${at}+00:00", "1.50", "a \\"q\\" é", "True"]'><field name="day" type="DateField">2020-01-02</field><field name="uid" type="UUIDField">${uid}</field><field name="at" type="DateTimeField">${at}+00:00</field><field name="amount" type="DecimalField">1.50</field><field name="label" type="CharField">a "q" é</field><field name="flag" type="BooleanField">True</field></object><object model="shelf.watch" pk='["7", "1"]'><field name="user" rel="ManyToOneRel" to="auth.user">7</field><field name="product" rel="ManyToOneRel" to="shelf.product">1</field></object><object model="shelf.offer" pk="1"><field name="product" rel="ManyToOneRel" to="shelf.product">A1</field><field name="user" rel="ManyToOneRel" to="auth.user">anna</field></object></django-objects>`,
  yaml: `- model: shelf.product
  pk: 1
  fields:
    code: A1
    name: pen
- model: shelf.line
  pk:
  - 1
  - 1
  fields:
    product: 1
    number: 1
    note: one
- model: shelf.line
  pk:
  - 1
  - 2
  fields:
    product: 1
    number: 2
    note: two
- model: shelf.reading
  pk:
  - &id001 2020-01-02
  - ${uid}
  - &id002 ${at.replace('T', ' ')}+00:00
  - &id003 '1.50'
  - a "q" é
  - true
  fields:
    day: *id001
    uid: ${uid}
    at: *id002
    amount: *id003
    label: a "q" é
    flag: true
- model: shelf.watch
  pk:
  - 7
  - 1
  fields:
    user: 7
    product: 1
- model: shelf.offer
  pk: 1
  fields:
    product: A1
    user: anna
`,
};
