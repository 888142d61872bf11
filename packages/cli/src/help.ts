export const help = `virtkit: an embeddable compute manager, from the command line

  virtkit tour [options]    shows on one instance what Virtkit does, and what it promises

    --driver fake           on a simulated hypervisor in this process (the default)
    --driver libvirt        on a real guest, under a private libvirtd that the tour starts (needs root)
    --uri URI               with --driver libvirt: under a libvirtd that runs already, such as
                            qemu+unix:///system?socket=/run/libvirt/libvirt-sock
    --install               with --driver libvirt: installs missing Debian packages (needs root)

  virtkit --version, -v
  virtkit --help, -h

From a checkout, npm start is virtkit tour: npm start -- --driver libvirt
`;
