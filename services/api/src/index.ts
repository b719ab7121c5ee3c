export { toEnvelope } from './envelope.ts';
