/**
 * A hypervisor driver for guests on libvirt.
 *
 * @packageDocumentation
 */
export { libvirt, libvirtDriver } from './definition.js';
export { libvirtConfiguration, type LibvirtConfiguration, type LibvirtTimeouts } from './libvirt-configuration.js';
