// go-libvirt: as many goroutines as calls in flight, on one connection for each URI.
//
//	go_libvirt SOCKET
//
// Reads requests from standard input, {"work":"info","calls":N,"inFlight":N} a line, and answers each with one line,
// {"seconds":S,"cpuSeconds":S}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/digitalocean/go-libvirt"
	"github.com/digitalocean/go-libvirt/socket/dialers"
)

type request struct {
	Work     string `json:"work"`
	Calls    int    `json:"calls"`
	InFlight int    `json:"inFlight"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func connected(path, uri string) *libvirt.Libvirt {
	connection := libvirt.NewWithDialer(dialers.NewLocal(dialers.WithSocket(path)))
	must(connection.ConnectToURI(libvirt.ConnectURI(uri)))
	return connection
}

// Calls work with 0 to calls-1, inFlight of them at a time.
func inParallel(calls, inFlight int, work func(nth int)) {
	var all sync.WaitGroup
	for caller := 0; caller < inFlight; caller++ {
		all.Add(1)
		go func(caller int) {
			defer all.Done()
			for nth := caller; nth < calls; nth += inFlight {
				work(nth)
			}
		}(caller)
	}
	all.Wait()
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func main() {
	simulated, host := connected(os.Args[1], "test:///default"), connected(os.Args[1], "qemu:///system")
	domain, err := simulated.DomainLookupByName("test")
	must(err)
	many, _, err := host.ConnectListAllDomains(1, 0)
	must(err)

	do := func(wanted request) {
		switch wanted.Work {
		case "info":
			inParallel(wanted.Calls, wanted.InFlight, func(int) {
				_, _, _, _, _, err := simulated.DomainGetInfo(domain)
				must(err)
			})
		case "list":
			inParallel(wanted.Calls, wanted.InFlight, func(int) {
				_, _, err := host.ConnectListAllDomains(1, 0)
				must(err)
			})
		case "xml":
			inParallel(wanted.Calls, wanted.InFlight, func(nth int) {
				_, err := host.DomainGetXMLDesc(many[nth], 0)
				must(err)
			})
		case "stats":
			inParallel(wanted.Calls, wanted.InFlight, func(int) {
				_, err := host.ConnectGetAllDomainStats(nil, 0, 0)
				must(err)
			})
		}
	}
	// From the call to its event, so many times, in seconds. The domain runs again after each, which is not counted.
	eventLatency := func(calls int) float64 {
		subscribed, unsubscribe := context.WithCancel(context.Background())
		events, err := simulated.LifecycleEvents(subscribed)
		must(err)
		total, done := 0.0, make(chan error, 1)
		for nth := 0; nth < calls; nth++ {
			begun := time.Now()
			go func() { done <- simulated.DomainSuspend(domain) }()
			<-events
			total += time.Since(begun).Seconds()
			must(<-done)
			go func() { done <- simulated.DomainResume(domain) }()
			<-events
			must(<-done)
		}
		unsubscribe()
		for range events {
		}
		return total
	}

	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var wanted request
		must(json.Unmarshal(lines.Bytes(), &wanted))
		cpu, begun, seconds := cpuSeconds(), time.Now(), 0.0
		if wanted.Work == "event" {
			seconds = eventLatency(wanted.Calls)
		} else {
			do(wanted)
			seconds = time.Since(begun).Seconds()
		}
		fmt.Printf("{\"seconds\":%.9f,\"cpuSeconds\":%.9f}\n", seconds, cpuSeconds()-cpu)
	}
}
