/** Confluent's wire format: a zero byte, the schema id as a big-endian 32-bit integer, then the datum. */
export const HEADER_BYTES = 5;

const MAGIC = 0;

export function writeHeader(bytes: Buffer, schemaId: number): void {
  bytes.writeUInt8(MAGIC, 0);
  bytes.writeUInt32BE(schemaId, 1);
}

/** Schema id of a record's value; undefined when it does not start with the header. */
export function readSchemaId(bytes: Buffer): number | undefined {
  return bytes.length >= HEADER_BYTES && bytes[0] === MAGIC ? bytes.readUInt32BE(1) : undefined;
}
