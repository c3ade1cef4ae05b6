/** A gRPC health check without a gRPC library: it answers before the SDK is even loaded. */
import { connect } from 'node:http2';

const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
/** `HealthCheckResponse { status: SERVING }` behind the gRPC frame's five bytes. */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);

/** Whether a Temporal server without TLS answers at `address` (`host:port`) that it serves. Never throws. */
export function isServing(address: string, timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const end = (result: boolean) => {
      session.destroy();
      resolve(result);
    };
    session.on('error', () => end(false));
    session.setTimeout(timeoutMs, () => end(false));
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    stream.on('error', () => end(false));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => end(Buffer.concat(chunks).equals(SERVING)));
    stream.end(requestFrame());
  });
}

/** `HealthCheckRequest { service }` as one uncompressed gRPC message. */
function requestFrame(): Buffer {
  const message = Buffer.concat([Buffer.from([0x0a, SERVICE.length]), Buffer.from(SERVICE)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
