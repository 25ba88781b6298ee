// Answers each line of questions with the keys lora-packet makes; see LoraPacketTest.
'use strict';

const path = require('path');
const lora = require(path.resolve(process.argv[2], 'lora-packet'));

const octets = (text) => Buffer.from(text, 'hex');
const text = (buffers) => buffers.map((buffer) => buffer.toString('hex')).join(' ');

function answer1_0(appKey, netId, joinNonce, devNonce, request, accept) {
  const keys = lora.generateSessionKeys10(
    octets(appKey), octets(netId), octets(joinNonce), octets(devNonce));
  const opened = lora.decryptJoinAccept(lora.fromWire(octets(accept)), octets(appKey));
  return [
    text([keys.NwkSKey, keys.AppSKey]),
    lora.verifyMIC(lora.fromWire(octets(request)), null, octets(appKey)),
    lora.verifyMIC(lora.fromWire(opened), null, octets(appKey)),
  ].join(' ');
}

function answer1_1(appKey, nwkKey, joinEui, devEui, joinNonce, devNonce) {
  const keys = lora.generateSessionKeys11(
    octets(appKey), octets(nwkKey), octets(joinEui), octets(joinNonce), octets(devNonce));
  const forLife = lora.generateJSKeys(octets(nwkKey), octets(devEui));
  return text([
    keys.FNwkSIntKey, keys.SNwkSIntKey, keys.NwkSEncKey, keys.AppSKey,
    forLife.JSIntKey, forLife.JSEncKey,
  ]);
}

const questions = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean);
for (const question of questions) {
  const [version, ...fields] = question.split(' ');
  console.log(version === '1.0' ? answer1_0(...fields) : answer1_1(...fields));
}
