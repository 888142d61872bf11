/** Which stage the tour plays on, as the command line says. */
export type TourChoice = FakeTourChoice | LibvirtTourChoice;

interface FakeTourChoice {
  readonly driver: 'fake';
}

export interface LibvirtTourChoice {
  readonly driver: 'libvirt';
  /** A running libvirtd; a private one is started when left out. */
  readonly uri?: string;
  /** What to do about Debian packages that are missing. */
  readonly missingPackages: 'name' | 'install';
}
