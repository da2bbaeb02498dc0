// Command kstatus reads a JSON list of Kubernetes objects and prints, as a JSON list, what the kstatus
// library says of each: whether Flux, and all else that waits by it, takes it for done.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func main() {
	if err := judge(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(in io.Reader, out io.Writer) error {
	var objects []map[string]any
	if err := json.NewDecoder(in).Decode(&objects); err != nil {
		return err
	}
	verdicts := []verdict{}
	for _, object := range objects {
		// Numbers must be int64, as the API machinery reads them, not float64.
		text, err := json.Marshal(object)
		if err != nil {
			return err
		}
		found := &unstructured.Unstructured{}
		if err := found.UnmarshalJSON(text); err != nil {
			return err
		}
		result, err := status.Compute(found)
		if err != nil {
			return err
		}
		verdicts = append(verdicts, verdict{Status: result.Status.String(), Message: result.Message})
	}
	return json.NewEncoder(out).Encode(verdicts)
}
