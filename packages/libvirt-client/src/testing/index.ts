/** For tests of programs that talk to libvirt: a daemon that does what a script says. */
export { eventBytes, ScriptedPeer, type ReceivedPacket } from './scripted-peer.js';
export { ScriptedCall } from './scripted-call.js';
