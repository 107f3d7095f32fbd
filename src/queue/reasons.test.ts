import { describe, expect, it } from 'vitest';
import { RATE_SERVICE_FAULTS, rateServiceReason } from './rate-service/reasons.ts';
import { faultOfError } from './reasons.ts';

const context = { address: '10.0.0.5:3348', winNum: '3', userCode: '1001', caFile: '/etc/yiping/ca.pem' };

describe('why a link is lost', () => {
  it.each(RATE_SERVICE_FAULTS)('%s is said in Chinese with what to do', (fault) => {
    const reason = rateServiceReason(fault, context);
    expect(reason).toMatch(/请|正在自动重连/);
    expect(reason.endsWith('。')).toBe(true);
    expect(reason).not.toMatch(/undefined|[A-Z]{4,}_/);
  });

  it('names what to correct when window or user is wrong', () => {
    expect(rateServiceReason('loginRefused', context)).toContain('“3”');
    expect(rateServiceReason('loginRefused', context)).toContain('“1001”');
  });

  it.each([
    ['ECONNREFUSED', 'refused'],
    ['ENOTFOUND', 'nameUnknown'],
    ['EHOSTUNREACH', 'unreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tlsUntrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tlsName'],
    ['CERT_NOT_YET_VALID', 'tlsNotYet'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tlsFailed'],
    ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'oversized'],
    ['WS_ERR_INVALID_UTF8', 'protocol'],
    ['EWHATEVER', 'closed'],
  ])('knows %s', (code, fault) => {
    expect(faultOfError(Object.assign(new Error('it failed'), { code }))).toBe(fault);
  });

  it('looks into a failure of several addresses', () => {
    const error = new AggregateError([Object.assign(new Error('no'), { code: 'ECONNREFUSED' })]);
    expect(faultOfError(error)).toBe('refused');
  });

  it('knows a server that speaks HTTP but no WebSocket', () => {
    expect(faultOfError(new Error('Unexpected server response: 404'))).toBe('handshake');
  });
});
