// Answers each line with what lora-packet finds in a data frame; see LoraPacketTest.
'use strict';

const path = require('path');
const lora = require(path.resolve(process.argv[2], 'lora-packet'));
const { decryptFOpts } = require(path.resolve(process.argv[2], 'lora-packet/out/lib/crypto'));

const octets = (text) => Buffer.from(text, 'hex');
// Counters are given most significant octet first and wanted the other way round.
const reversed = (text) => octets(text).reverse();

function verify1_1(frame, up, high, fNwkSIntKey, sNwkSIntKey, confFCnt, dataRate, channel) {
  const acknowledged = frame.getFCtrlACK() ? confFCnt : '0000';
  return up
    ? lora.verifyMIC(frame, fNwkSIntKey, sNwkSIntKey, high,
      Buffer.concat([octets(acknowledged), octets(dataRate), octets(channel)]))
    : lora.verifyMIC(frame, fNwkSIntKey, sNwkSIntKey, high, reversed(acknowledged));
}

function answer(phyPayload, highBits, appSKey, version, key, ...more) {
  const frame = lora.fromWire(octets(phyPayload));
  const high = reversed(highBits);
  const payload = lora.decrypt(frame, octets(appSKey), null, high).toString('hex');
  if (version === '1.0') {
    return [lora.verifyMIC(frame, octets(key), null, high), frame.FOpts.toString('hex'), payload];
  }
  const [sNwkSIntKey, nwkSEncKey, ...context] = more;
  const up = frame.getDir() === 'up';
  return [
    verify1_1(frame, up, high, octets(key), octets(sNwkSIntKey), ...context),
    frame.FOpts.length ? decryptFOpts(frame, octets(nwkSEncKey), high).toString('hex') : '',
    payload,
  ];
}

const questions = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean);
for (const question of questions) {
  console.log(answer(...question.split(' ')).join(' '));
}
