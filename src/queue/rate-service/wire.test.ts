import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../fields.ts';
import { readMessage, readState, readUserName, writeRequest } from './wire.ts';

const push = (method: string, param: unknown) => readMessage(JSON.stringify({ method, param }));

describe('what the server pushes', () => {
  it('reads RateQuest in the spelling of the code and leaves the citizen’s name behind', () => {
    const quest = {
      rateId: '20171229211602',
      transactor: '张三',
      item: '社保参保登记',
      date: '2018-01-02',
      reserveSeq: 'R9',
    };
    const read = push('RateQuest', quest);
    expect(read).toEqual({
      type: 'rateQuest',
      rateQuest: { rateId: '20171229211602', item: '社保参保登记', date: '2018-01-02' },
    });
    expect(JSON.stringify(read)).not.toContain('张三');
  });

  it('reads RateQuest in the spelling of the document, and numbers as text', () => {
    expect(push('RateQuest', { RateID: 77, ItemName: '', WorkDate: '2018/1/2 0:00:00' })).toEqual({
      type: 'rateQuest',
      rateQuest: { rateId: '77', item: undefined, date: '2018/1/2 0:00:00' },
    });
  });

  it.each([
    ['Pause', 'pause'],
    ['resume', 'resume'],
    ['RESET', 'reset'],
    [0, 'pause'],
    ['2', 'reset'],
  ])('reads RateOperate %s', (operate, operation) => {
    expect(push('RateOperate', { operate })).toEqual({ type: 'operate', operation });
  });

  it('reads a reply whether its code is text or a number', () => {
    expect(readMessage('{"request":"Login","code":"1002","result":"窗口或用户信息不正确!"}')).toMatchObject({
      type: 'reply',
      request: 'login',
      code: 1002,
    });
    // A serializer that drops what is null leaves these out.
    expect(readMessage('{"request":"GetState","code":"999"}')).toMatchObject({ type: 'reply', code: 999 });
    expect(readMessage('{"method":"Foo"}')).toEqual({ type: 'unknown' });
    expect(readMessage('{"code":0,"result":[]}')).toMatchObject({ type: 'reply', request: '', code: 0 });
  });

  it('takes the clerk’s name from GetUserList in either spelling', () => {
    expect(readUserName([{ UserCode: '1001', UserName: '李慧敏' }], '1001')).toBe('李慧敏');
    expect(readUserName([{ UserNumber: 1001, UserName: '李慧敏' }], '1001')).toBe('李慧敏');
    expect(readUserName([{ UserCode: '1002', UserName: '王建国' }], '1001')).toBeUndefined();
    expect(readUserName('nonsense', '1001')).toBeUndefined();
  });

  it('reads the present state', () => {
    expect(readState({ paused: false, phase: 'idle', ticket: null })).toEqual({
      paused: false,
      phase: 'idle',
      ticket: undefined,
    });
    expect(readState({ paused: false, phase: 'rating', ticket: { queue: 'A' } })).toBeUndefined();
  });
});

describe('what is refused', () => {
  it.each([
    '',
    'null',
    '[]',
    '{',
    '"text"',
    '{"method":7}',
    '{"method":"RateQuest"}',
    '{"method":"RateQuest","param":{"rateId":""}}',
    '{"method":"RateQuest","param":{"rateId":{"a":1}}}',
    '{"method":"RateQuest","param":["rateId"]}',
    `{"method":"RateQuest","param":{"rateId":"${'9'.repeat(101)}"}}`,
    '{"method":"RateOperate","param":{"operate":"Explode"}}',
    '{"method":"RateOperate","param":{"operate":"constructor"}}',
    '{"method":"TicketEvent","param":{"kind":"rated","eventId":"1","ticketNo":"A1"}}',
    '{"code":"zero"}',
  ])('malformed: %s', (text) => {
    expect(readMessage(text).type).toBe('malformed');
  });

  it('a method it does not know is unknown, not malformed', () => {
    expect(push('OpenPage', { url: 'http://evil.example/' })).toEqual({ type: 'unknown' });
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(readMessage(text).type).toBeTypeOf('string');
      }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('RateQuest', 'RateOperate', 'TicketEvent'),
        fc.jsonValue(),
        (method, param) => {
          expect(push(method, param).type).toBeTypeOf('string');
        },
      ),
    );
  });
});

describe('text for people', () => {
  it('loses control characters and half characters', () => {
    expect(cleanText(' 社保\u0000\n登记\ud800 ', 20)).toBe('社保 登记\ufffd');
    expect(cleanText('一二😀', 3)).toBe('一二');
  });
});

describe('what we write', () => {
  it('spells keys as the code does, or as the document does where the site says so', () => {
    const param = { winNum: '3', userCode: '1001' };
    expect(writeRequest('Login', param, 'code')).toBe(
      '{"method":"Login","param":{"winNum":"3","userCode":"1001"}}',
    );
    expect(writeRequest('Login', param, 'document')).toBe(
      '{"method":"Login","param":{"WindowNumber":"3","UserNumber":"1001"}}',
    );
  });
});
