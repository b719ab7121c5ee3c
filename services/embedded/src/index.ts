export { type Embedded, type EmbeddedOptions, startEmbedded } from './embedded.ts';
export { type Reporter, createReporter } from './reporter.ts';
