import { addOperatorFacts, ComputeError, type Capability, type DriverCapabilities } from '../driver/index.js';
import { unsupportedReason } from './closed-details.js';

/** @throws ComputeError `NOT_SUPPORTED` with the reason, where a driver declares that it lacks an ability */
export function requireCapability(capabilities: DriverCapabilities, capability: Capability): void {
  const declared = capabilities[capability];
  if (declared === true) return;
  const refusal = new ComputeError('NOT_SUPPORTED', { capability, reason: unsupportedReason(declared) });
  if (typeof declared === 'object') addOperatorFacts(refusal, { message: declared.unsupportedBecause });
  throw refusal;
}
