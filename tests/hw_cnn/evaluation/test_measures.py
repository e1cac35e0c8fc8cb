"""Errors, classes and confusions against plain counting."""

from __future__ import annotations

import csv
import itertools
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.classification import MulticlassAccuracy

from hw_cnn import metrics
from hw_cnn.evaluation import measures


def counted(logits: torch.Tensor, labels: torch.Tensor, num_batches: int = 1) -> measures.Result:
    collection = measures.make_metrics(logits.shape[1])
    for some, their in zip(logits.chunk(num_batches), labels.chunk(num_batches), strict=True):
        collection.update(some, their)
    return measures.result_of(collection, "test", tuple(f"c{n}" for n in range(logits.shape[1])))


@settings(max_examples=50, deadline=None)
@given(data=st.data(), k=st.integers(1, 5), num_classes=st.integers(5, 12), n=st.integers(1, 30))
def test_topk_error_over_batches_equals_the_error_of_all_at_once(data, k, num_classes, n):
    # Few different values: ties are the rule.
    values = st.lists(st.integers(0, 3), min_size=num_classes, max_size=num_classes)
    logits = torch.tensor(data.draw(st.lists(values, min_size=n, max_size=n)), dtype=torch.float32)
    labels = torch.tensor(data.draw(st.lists(st.integers(0, num_classes - 1), min_size=n, max_size=n)))
    cut = data.draw(st.integers(0, n))
    metric = measures.TopKError(num_classes, k)
    for part in (slice(cut), slice(cut, n)):
        metric.update(logits[part], labels[part])
    assert float(metric.compute()) == pytest.approx(metrics.topk_error(logits, labels, (k,))[k], abs=1e-12)


@pytest.mark.parametrize("k", [1, 5])
def test_topk_error_is_one_minus_torchmetrics_accuracy_without_ties(k):
    torch.manual_seed(0)
    logits, labels = torch.randn(500, 10), torch.randint(0, 10, (500,))
    metric = measures.TopKError(10, k)
    accuracy = MulticlassAccuracy(10, top_k=k, average="micro")
    metric.update(logits, labels)
    assert float(metric.compute()) == pytest.approx(1 - float(accuracy(logits, labels)), abs=1e-6)


def test_undecided_and_broken_networks_are_wrong():
    for value in (0.0, float("nan")):
        metric = measures.TopKError(10, 5)
        metric.update(torch.full((8, 10), value), torch.arange(8))
        assert float(metric.compute()) == 1.0


@pytest.mark.parametrize("shape", [(3, 4), (3,), (2, 10)])
def test_topk_error_refuses_logits_that_do_not_fit(shape):
    with pytest.raises(ValueError, match=r"expected \(N, 10\) and \(N,\)"):
        measures.TopKError(10, 5).update(torch.zeros(shape), torch.zeros(3, dtype=torch.int64))


@pytest.mark.parametrize("k", [0, 6])
def test_topk_error_refuses_a_k_without_meaning(k):
    with pytest.raises(ValueError, match=rf"k \(={k}\) must be at least 1 and at most num_classes \(=5\)"):
        measures.TopKError(5, k)


@pytest.mark.parametrize("k", [1, 3])
def test_topk_error_agrees_on_what_is_no_number(k):
    values = [0.0, 1.0, float("nan"), float("inf"), -float("inf")]
    rows = list(itertools.product(values, repeat=4))
    logits = torch.tensor([row for row in rows for _ in range(4)])
    labels = torch.arange(4).repeat(len(rows))
    metric = measures.TopKError(4, k)
    metric.update(logits, labels)
    assert float(metric.compute()) == pytest.approx(metrics.topk_error(logits, labels, (k,))[k], abs=1e-12)


@pytest.mark.parametrize("num_classes", [2, 5, 6])
def test_five_classes_have_no_top5_error(num_classes):
    torch.manual_seed(0)
    result = counted(torch.randn(40, num_classes), torch.arange(40) % num_classes)
    assert (result.top5_error is None) == (num_classes <= 5)


def test_result_is_what_plain_counting_gives():
    torch.manual_seed(1)
    logits, labels = torch.randn(300, 8), torch.randint(0, 7, (300,))  # nothing of the last class
    result = counted(logits, labels, num_batches=4)
    pairs = list(zip(labels.tolist(), logits.argmax(1).tolist(), strict=True))
    assert result.num_images == 300
    assert result.confusion == tuple(
        tuple(pairs.count((true, answer)) for answer in range(8)) for true in range(8)
    )
    assert result.top1_error.value == pytest.approx(sum(true != answer for true, answer in pairs) / 300)
    for true, share in enumerate(result.class_accuracy[:7]):
        assert share is not None
        own = [answer for label, answer in pairs if label == true]
        assert share.value == pytest.approx(own.count(true) / len(own), abs=1e-6)
        assert share.low < share.value < share.high
    assert result.class_accuracy[7] is None
    largest = max(pairs.count((t, a)) for t in range(8) for a in range(8) if t != a)
    assert result.confusions(3)[0][2] == largest
    assert all(true != answer and number for true, answer, number in result.confusions(1000))


def test_text_names_figures_classes_and_the_language():
    logits = torch.eye(6).repeat(5, 1)
    labels = torch.arange(6).repeat(5)
    labels[0] = 1  # a picture of c1 is called c0
    result = counted(logits, labels)
    english = measures.as_text(result)
    # 1 of 30: Wilson gives 0.59 % to 16.67 %.
    assert "top-1 error    3.33 % (0.59-16.67)" in english
    assert "top-5 error  100.00 %" not in english
    assert "c1 -> c0  1" in english
    assert "ошибка top-1    3.33 %" in measures.as_text(result, "ru")
    assert "c1 -> c0" not in measures.as_text(result, num_confusions=0)


def test_of_many_classes_the_worst_are_shown():
    labels = torch.arange(30).repeat(2)
    logits = torch.eye(30).repeat(2, 1)
    logits[29] = torch.eye(30)[0]
    lines = measures.as_text(counted(logits, labels), num_confusions=0).splitlines()
    (header,) = (number for number, line in enumerate(lines) if line.startswith("class"))
    assert lines[header + 1].startswith("c29")
    assert len(lines) - header - 1 == measures.MAX_ROWS


def test_saved_files_hold_the_same(tmp_path):
    torch.manual_seed(2)
    result = counted(torch.randn(60, 6), torch.arange(60) % 6)
    measures.save(result, tmp_path / "new")
    saved = json.loads((tmp_path / "new/test.json").read_text(encoding="utf-8"))
    assert saved["top1_error"]["value"] == result.top1_error.value
    rows = list(csv.reader((tmp_path / "new/test-confusion.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0][1:] == list(result.class_names)
    assert [[int(cell) for cell in row[1:]] for row in rows[1:]] == [list(row) for row in result.confusion]
    assert (tmp_path / "new/test-confusion.png").read_bytes().startswith(b"\x89PNG")
